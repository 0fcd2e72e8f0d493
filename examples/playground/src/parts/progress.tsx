import { cancel } from '../actions.js';
import { work } from '../state.js';
import { ProgressBar } from './progress-bar.js';

/** What is being done with the photo. */
export function Progress() {
  const now = work.value;
  return (
    <div class="progress" data-busy={now !== undefined} role="status" aria-live="polite">
      {now && (
        <>
          <span class="progress-label">{now.label}</span>
          <ProgressBar label={now.label} fraction={now.fraction} onCancel={cancel} />
        </>
      )}
    </div>
  );
}
