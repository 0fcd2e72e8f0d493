/** A [height][width][channels] tensor of i16. */
export interface Tensor {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Int16Array;
}

export function zeros(width: number, height: number, channels: number): Tensor {
  return { width, height, channels, data: new Int16Array(width * height * channels) };
}

export function saturate(x: number): number {
  return Math.min(Math.max(x, -32768), 32767);
}

export function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}

/** A part of a tensor. */
export function cropped(
  { channels, data, width: stride }: Tensor,
  { height, width, x, y }: { x: number; y: number; width: number; height: number },
): Tensor {
  const out = zeros(width, height, channels);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * stride + x) * channels;
    out.data.set(data.subarray(from, from + width * channels), row * width * channels);
  }
  return out;
}
