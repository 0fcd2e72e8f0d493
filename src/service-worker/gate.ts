/** Lets so many through at once, and more while nobody leaves; the others wait in their order. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #inside = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param patience Milliseconds after which one more is let in where nobody has left or come in. */
  constructor(
    private readonly room: number,
    private readonly patience: number,
  ) {}

  /** @returns What lets the next one in; calling it again does nothing. */
  async enter(): Promise<() => void> {
    if (this.#inside < this.room) this.#inside++;
    else {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        if (this.#waiting.length === 1) this.#watch();
      });
    }
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.#inside--;
      this.#admit();
    };
  }

  #admit(): void {
    const next = this.#waiting.shift();
    if (next) {
      this.#inside++;
      next();
    }
    this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#admit(), this.patience);
  }
}
