/** A file at a quality setting. */
export interface Matched<File extends Uint8Array = Uint8Array> {
  quality: number;
  file: File;
}

/**
 * Searches the integer quality whose file comes nearest to a size; files are assumed to grow with
 * the quality.
 *
 * @param tolerance The search ends early within this part of the size, for instance 0.02.
 */
export async function matchSize<File extends Uint8Array>(
  encode: (quality: number) => Promise<File>,
  bytes: number,
  tolerance: number,
): Promise<Matched<File>> {
  let low = 0;
  let high = 100;
  let best: Matched<File> | undefined;
  const distance = (file: Uint8Array): number => Math.abs(Math.log(file.length / bytes));
  while (low <= high) {
    const quality = (low + high) >> 1;
    const file = await encode(quality);
    if (!best || distance(file) < distance(best.file)) best = { quality, file };
    if (distance(file) <= tolerance) break;
    if (file.length < bytes) low = quality + 1;
    else high = quality - 1;
  }
  return best!;
}
