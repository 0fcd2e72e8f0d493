import { ShvqError, type ShvqErrorPlace } from '../format/errors.js';

/** Throws what goes wrong, or keeps it where the caller wants what is left. */
export class Faults {
  readonly list: ShvqError[] = [];

  constructor(private readonly partial: boolean) {}

  /** A file that is cut off says so of its first missing tile, which is then missed where it is read. */
  #isKnown({ code, tile }: ShvqError): boolean {
    return (
      tile !== undefined && this.list.some((known) => known.code === code && known.tile === tile)
    );
  }

  /**
   * @param place Added to an error that says nothing of it.
   * @returns What `work` does; nothing if it failed.
   */
  async guard<T>(place: ShvqErrorPlace, work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      // Aborts and hosts' refusals are no fault of the file.
      if (!(error instanceof ShvqError) || !FILE_FAULTS.includes(error.code)) throw error;
      const placed =
        error.offset === undefined
          ? new ShvqError(error.code, error.message, { ...place, cause: error.cause })
          : error;
      if (!this.partial) throw placed;
      if (!this.#isKnown(placed)) this.list.push(placed);
      return undefined;
    }
  }
}

const FILE_FAULTS: readonly string[] = ['TRUNCATED', 'CORRUPT', 'UNSUPPORTED'];
