import { MODEL_ID_BYTES } from './constants.js';

/** The start of a model's id, in hex, by which files name it. */
export function shortId(id: string): string {
  return id.slice(0, 2 * MODEL_ID_BYTES);
}
