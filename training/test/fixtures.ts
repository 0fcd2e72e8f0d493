import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig, strideOf } from '../src/config.ts';
import { type ImageSet, imageSet } from '../src/data/images.ts';
import { initialize } from '../src/model/initialize.ts';
import { layoutOf } from '../src/model/parameters.ts';
import { Rng } from '../src/rng.ts';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Orthonormal cosines of square RGB patches in place of a transform computed from pictures. */
function cosines(side: number) {
  const dimension = 3 * side * side;
  const vectors = new Float32Array(dimension * dimension);
  const values = new Float64Array(dimension);
  const basis = (k: number, i: number) =>
    Math.sqrt((k ? 2 : 1) / side) * Math.cos((Math.PI * (i + 0.5) * k) / side);
  const row = (i: number) => Math.floor(i / side);
  const order = Array.from({ length: side * side }, (_, i) => i);
  order.sort((a, b) => row(a) + (a % side) - row(b) - (b % side) || a - b);
  const colours = [
    [1, 1, 1].map((v) => v / Math.sqrt(3)),
    [1, 0, -1].map((v) => v / Math.sqrt(2)),
    [1, -2, 1].map((v) => v / Math.sqrt(6)),
  ];
  order.forEach((f, rank) => {
    colours.forEach((colour, a) => {
      const k = rank * 3 + a;
      values[k] = (a ? 0.1 : 1) * 20 * (rank + 1) ** -1.5;
      for (let i = 0; i < dimension; i++) {
        const pixel = Math.floor(i / 3);
        vectors[k * dimension + i] =
          basis(row(f), row(pixel)) * basis(f % side, pixel % side) * colour[i % 3];
      }
    });
  });
  return { vectors, values };
}

/** A test profile at its start, without any picture. */
export function startedTestProfile(profile = 'test') {
  const config = loadConfig(root, profile);
  const { structure } = config;
  const layout = layoutOf(structure);
  const weights = initialize(layout, structure, cosines(strideOf(structure)), new Rng(5));
  return { config, layout, weights };
}

/** Smooth synthetic pictures with edges: enough to learn from in a few steps. */
export function syntheticImages(count = 4, side = 256): ImageSet {
  const rng = new Rng(11);
  const pictures = Array.from({ length: count }, (_, k) => {
    const data = new Uint8Array(side * side * 3);
    const waves = Array.from({ length: 6 }, () => Array.from({ length: 4 }, () => rng.normal()));
    for (let i = 0; i < data.length; i++) {
      const x = (Math.floor(i / 3) % side) / side;
      const y = Math.floor(i / 3 / side) / side;
      let v = 128;
      for (const [a, fx, fy, phase] of waves) {
        v += 25 * a * Math.sin(9 * (fx * x + fy * y) + phase + (i % 3) * 0.4);
      }
      if (x + y > 1.1) v = 255 - v;
      data[i] = Math.max(0, Math.min(255, Math.round(v)));
    }
    return { name: `synthetic-${k}`, width: side, height: side, data };
  });
  return imageSet(pictures);
}
