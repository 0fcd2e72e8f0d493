import type { Signal } from '@preact/signals';
import { useId } from 'preact/hooks';

interface Properties {
  label: string;
  value: Signal<number>;
  min: number;
  max: number;
  /** What the ends mean. */
  low: string;
  high: string;
  /** Called when the value has come to rest. */
  onDone(): void;
}

export function Range({ label, value, min, max, low, high, onDone }: Properties) {
  const id = useId();
  const share = (value.value - min) / (max - min);
  return (
    <div class="range">
      <div class="range-head">
        <label for={id}>{label}</label>
        <output for={id}>{value.value}</output>
      </div>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        value={value.value}
        style={{ '--share': share }}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.valueAsNumber;
        }}
        onChange={() => onDone()}
      />
      <div class="range-ends" aria-hidden="true">
        <span>{low}</span>
        <span>{high}</span>
      </div>
    </div>
  );
}
