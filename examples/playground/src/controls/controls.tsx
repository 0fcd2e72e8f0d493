import { chooseSample, run } from '../actions.js';
import { bytes } from '../format.js';
import { Picker } from '../picture/picker.js';
import { comparing, effort, goal, kilobytes, picture, quality } from '../state.js';
import { Range } from './range.js';
import { Segments } from './segments.js';

export function Controls() {
  const source = picture.value!;
  return (
    <form
      class="controls"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <div class="source">
        <p class="source-name" title={source.name}>
          {source.name}
        </p>
        <p class="source-size">
          {source.width} × {source.height} · {bytes(source.bytes)}
        </p>
        <div class="source-actions">
          <Picker label="Another photo" />
          <button type="button" class="button" onClick={() => void chooseSample()}>
            Parrots
          </button>
        </div>
      </div>

      <Segments
        label="Encode to"
        value={goal.value}
        choices={[
          ['quality', 'a quality'],
          ['size', 'a size'],
        ]}
        onChange={(value) => {
          goal.value = value;
          void run();
        }}
      />
      {goal.value === 'quality' ? (
        <Range
          label="Quality"
          value={quality}
          min={0}
          max={100}
          low="smaller"
          high="nearer"
          onDone={run}
        />
      ) : (
        <label class="field">
          <span>Kilobytes</span>
          <input
            type="number"
            min="0.1"
            step="any"
            inputMode="decimal"
            value={kilobytes.value}
            onChange={({ currentTarget }) => {
              const value = currentTarget.valueAsNumber;
              if (!(value > 0)) return;
              kilobytes.value = value;
              void run();
            }}
          />
        </label>
      )}
      <Range
        label="Effort"
        value={effort}
        min={0}
        max={9}
        low="quick"
        high="thorough"
        onDone={run}
      />

      <label class="check">
        <input
          type="checkbox"
          checked={comparing.value}
          onChange={({ currentTarget }) => {
            comparing.value = currentTarget.checked;
            if (currentTarget.checked) void run();
          }}
        />
        <span>Compare with JPEG, WebP and AVIF at this size</span>
      </label>
      <button type="submit" class="button primary">
        Encode again
      </button>
    </form>
  );
}
