import type { Rng } from '../rng.ts';

/** A colour as RGB / 255 - 0.5, each channel at an end of its range half of the time. */
function drawColour(rng: Rng): [number, number, number] {
  const channel = () => (rng.uniform() < 0.5 ? rng.below(2) : rng.uniform()) - 0.5;
  return [channel(), channel(), channel()];
}

/**
 * Writes a flat, shaded or two-coloured side x side picture to out[at...] as RGB / 255 - 0.5.
 * Photographs have next to no pure colours, so a codec trained on them alone need not reach the
 * corners of the RGB cube.
 */
export function paintCrop(side: number, rng: Rng, out: Float32Array, at: number): void {
  const [from, to] = [drawColour(rng), drawColour(rng)];
  const kind = rng.below(3);
  const angle = 2 * Math.PI * rng.uniform();
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  const offset = rng.uniform();
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      // 0 to 1 along the direction, over the middle of the picture
      const along = (dx * (2 * x - side) + dy * (2 * y - side)) / (2 * side) + 0.5;
      const share =
        kind === 0 ? 0 : kind === 1 ? Math.min(Math.max(along, 0), 1) : +(along > offset);
      for (let c = 0; c < 3; c++) {
        out[at + (y * side + x) * 3 + c] = from[c] + share * (to[c] - from[c]);
      }
    }
  }
}
