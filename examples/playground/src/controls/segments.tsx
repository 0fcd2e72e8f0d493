import { useId } from 'preact/hooks';

interface Properties<T extends string> {
  label: string;
  value: T;
  choices: readonly (readonly [T, string])[];
  onChange(value: T): void;
  hideLabel?: boolean;
}

/** One of a few, as radio buttons that look like a switch. */
export function Segments<T extends string>(properties: Properties<T>) {
  const { label, value, choices, onChange, hideLabel } = properties;
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class={hideLabel ? 'visually-hidden' : ''}>{label}</legend>
      <div class="segments-row">
        {choices.map(([choice, text]) => (
          <label key={choice}>
            <input
              class="visually-hidden"
              type="radio"
              name={name}
              checked={value === choice}
              onChange={() => onChange(choice)}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
