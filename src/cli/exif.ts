const ORIENTATION = 0x0112;
const UPRIGHT = 1;

/**
 * A copy of an Exif block (TIFF) that says that the picture is upright, for pixels that were turned
 * already. A block without an orientation, or a broken one, is returned as it is.
 */
export function upright(exif: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(exif);
  const view = new DataView(copy.buffer);
  if (copy.length < 8) return copy;
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > copy.length) return copy;
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > copy.length) break;
    if (view.getUint16(entry, little) === ORIENTATION) view.setUint16(entry + 8, UPRIGHT, little);
  }
  return copy;
}
