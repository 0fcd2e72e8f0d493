interface Properties {
  label: string;
  /** 0..1, or undefined where it is not known. */
  fraction: number | undefined;
  onCancel(): void;
}

/** How far work has come, and the way out of it. */
export function ProgressBar({ fraction, label, onCancel }: Properties) {
  return (
    <>
      <progress aria-label={label} {...(fraction === undefined ? {} : { value: fraction })} />
      <button type="button" class="quiet" onClick={onCancel}>
        Cancel
      </button>
    </>
  );
}
