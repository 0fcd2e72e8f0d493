import type { Raster } from '../codec/types.js';

/** A source picture, as the browser decodes it. */
export interface Picture extends Raster {
  readonly name: string;
  /** Bytes of the file that it came from. */
  readonly bytes: number;
}

/** 24 megapixels: what a phone's browser can hold a few copies of. */
const PIXELS_MAX = 24_000_000;

/** @throws Error if the browser cannot decode the file, or the picture is too large. */
export async function loadPicture(file: Blob, name: string): Promise<Picture> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`${name} is not a picture that this browser can read.`);
  }
  const { width, height } = bitmap;
  if (width * height > PIXELS_MAX) {
    bitmap.close();
    throw new Error(`${name} has ${width} x ${height} pixels; the page takes up to 24 megapixels.`);
  }
  const context = new OffscreenCanvas(width, height).getContext('2d', {
    willReadFrequently: true,
  })!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { name, bytes: file.size, width, height, data: data as Uint8ClampedArray<ArrayBuffer> };
}
