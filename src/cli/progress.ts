/** A line of progress on a terminal's stderr; nothing anywhere else. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #fractions: number[];
  readonly #shown: boolean;
  #last = '';

  constructor(stream: NodeJS.WriteStream, tasks: number, wanted: boolean) {
    this.#stream = stream;
    this.#fractions = new Array<number>(tasks).fill(0);
    this.#shown = wanted && stream.isTTY;
  }

  update(index: number, fraction: number): void {
    this.#fractions[index] = fraction;
    if (!this.#shown) return;
    const total = this.#fractions.length;
    const sum = this.#fractions.reduce((a, b) => a + b);
    const done = this.#fractions.filter((value) => value === 1).length;
    const line = `${Math.floor((100 * sum) / total)} %${total > 1 ? `, ${done} of ${total}` : ''}`;
    if (line === this.#last) return;
    this.#last = line;
    this.#stream.write(`\r\x1b[K${line}`);
  }

  /** Takes the line away, before something else is printed. */
  clear(): void {
    if (this.#last !== '') this.#stream.write('\r\x1b[K');
    this.#last = '';
  }
}
