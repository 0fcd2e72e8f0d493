import { Viewer } from './compare/viewer.js';
import { Controls } from './controls/controls.js';
import { Header } from './parts/header.js';
import { Progress } from './parts/progress.js';
import { Drop } from './picture/drop.js';
import { Welcome } from './picture/welcome.js';
import { Details } from './results/details.js';
import { Results } from './results/results.js';
import { picture, problem, tab } from './state.js';
import { WeightsPanel } from './weights/panel.js';

export function App() {
  return (
    <>
      <Header />
      <main>
        <div id="panel" role="tabpanel" aria-labelledby={`tab-${tab.value}`}>
          {tab.value === 'image' && problem.value && (
            <p class="problem" role="alert">
              {problem.value}
            </p>
          )}
          {tab.value === 'weights' ? <WeightsPanel /> : picture.value ? <Bench /> : <Welcome />}
        </div>
      </main>
      <Drop />
    </>
  );
}

function Bench() {
  return (
    <div class="bench">
      <h1 class="visually-hidden">A photo in shvq and in other codecs</h1>
      <section class="stage" aria-label="Source and result">
        <Viewer />
        <Progress />
      </section>
      <aside class="side" aria-label="Settings">
        <Controls />
      </aside>
      <section class="numbers" aria-label="Results">
        <Results />
        <Details />
      </section>
    </div>
  );
}
