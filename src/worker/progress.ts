/** Adds up what is done of a picture's tiles and bands. */
export class Progress {
  #tiles = 0;
  readonly #bands: number[];

  /**
   * @param tiles How many they are.
   * @param heights Rows of each band.
   * @param share The tiles' part of the work.
   */
  constructor(
    private readonly tiles: number,
    private readonly heights: readonly number[],
    private readonly share: number,
    private readonly report: (done: number) => void,
  ) {
    this.#bands = heights.map(() => 0);
  }

  tile(): void {
    this.#tiles++;
    this.#tell();
  }

  /** @param done The part of a band that is done, 0..1. */
  band(index: number, done: number): void {
    this.#bands[index] = done;
    this.#tell();
  }

  #tell(): void {
    const rows = this.#bands.reduce((sum, done, i) => sum + done * this.heights[i]!, 0);
    const all = this.heights.reduce((sum, height) => sum + height, 0);
    this.report((this.share * this.#tiles) / this.tiles + ((1 - this.share) * rows) / all);
  }
}
