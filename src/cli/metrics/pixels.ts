/** Eight-bit pixels, row by row, three (RGB) or four (RGBA) bytes each. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Bytes of one pixel, 3 or 4. */
export function pixelStep(image: Pixels): number {
  return image.data.length / (image.width * image.height);
}

/** @throws RangeError if the two pictures differ in size. */
export function requireSameSize(a: Pixels, b: Pixels): void {
  if (a.width !== b.width || a.height !== b.height) {
    throw new RangeError(
      `The pictures differ in size: ${a.width}x${a.height} and ${b.width}x${b.height}`,
    );
  }
}
