import { chooseFile } from '../actions.js';

/** A native file field under a label that looks like a button. */
export function Picker({ label, primary }: { label: string; primary?: boolean }) {
  return (
    <label class={primary ? 'button primary' : 'button'}>
      <input
        class="visually-hidden"
        type="file"
        accept="image/*"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) void chooseFile(file);
          currentTarget.value = '';
        }}
      />
      {label}
    </label>
  );
}
