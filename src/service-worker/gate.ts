/** Lets so many through at once; the others wait in their order. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(private readonly room: number) {}

  /** @returns What lets the next one in; calling it again does nothing. */
  async enter(): Promise<() => void> {
    if (this.#inside < this.room) this.#inside++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#inside--;
    };
  }
}
