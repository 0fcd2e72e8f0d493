import { cancel } from '../actions.js';
import { work } from '../state.js';

/** What is being done, how far, and the way out of it. */
export function Progress() {
  const now = work.value;
  return (
    <div class="progress" data-busy={now !== undefined} role="status" aria-live="polite">
      {now && (
        <>
          <span class="progress-label">{now.label}</span>
          <progress
            aria-label={now.label}
            {...(now.fraction === undefined ? {} : { value: now.fraction })}
          />
          <button type="button" class="quiet" onClick={cancel}>
            Cancel
          </button>
        </>
      )}
    </div>
  );
}
