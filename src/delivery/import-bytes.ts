import { ShvqError } from '../format/errors.js';

/**
 * What a chunk holds: the bytes of a file.
 *
 * @param what What it holds, for people.
 * @throws ShvqError LOAD_FAILED if the chunk does not load: offline, or a page that outlived the
 *   deployment that its chunks came from.
 */
export async function importBytes<T>(
  what: string,
  load: () => Promise<{ default: T }>,
): Promise<T> {
  try {
    return (await load()).default;
  } catch (cause) {
    throw new ShvqError(
      'LOAD_FAILED',
      `The chunk with ${what} did not load: check the network, and that the server still has the ` +
        "files of this page's build",
      { cause },
    );
  }
}
