interface Properties {
  label: string;
  /** As `<input accept>` has it. */
  accept: string;
  primary?: boolean;
  onFile(file: File): void;
}

/** A native file field under a label that looks like a button. */
export function FilePicker({ accept, label, onFile, primary }: Properties) {
  return (
    <label class={primary ? 'button primary' : 'button'}>
      <input
        class="visually-hidden"
        type="file"
        accept={accept}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) onFile(file);
          currentTarget.value = '';
        }}
      />
      {label}
    </label>
  );
}
