import { chooseSample } from '../actions.js';
import { Picker } from './picker.js';
import { sampleUrl } from './sample.js';

export function Welcome() {
  return (
    <div class="welcome">
      <div class="welcome-words">
        <h1>
          The same photo, <em>fewer bytes,</em> the same bits everywhere.
        </h1>
        <p>
          Pick a photo. It is encoded here, in this page, by shvq and by JPEG, WebP and AVIF at the
          same size, and you judge. Nothing is uploaded.
        </p>
        <div class="welcome-actions">
          <Picker label="Choose a photo" primary />
          <button type="button" class="button" onClick={() => void chooseSample()}>
            Use the parrots
          </button>
        </div>
        <p class="hint">or drop one anywhere, or paste it</p>
      </div>
      <img class="welcome-photo" src={sampleUrl} alt="" width={768} height={512} />
    </div>
  );
}
