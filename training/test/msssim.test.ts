import { expect, it } from 'vitest';
import { gaussian, msssim } from '../src/loss/msssim.ts';
import { Rng } from '../src/rng.ts';
import { tf } from '../src/tf.ts';

await tf.setBackend('cpu');

type Plane = { w: number; h: number; v: Float64Array };

/** The definition, pixel by pixel. */
function plainMsssim(a: Plane, b: Plane): number {
  const g = gaussian();
  let product = 1;
  [0.0448, 0.2856, 0.3001, 0.2363, 0.1333].forEach((weight, scale) => {
    if (scale > 0) [a, b] = [halved(a), halved(b)];
    let sum = 0;
    let count = 0;
    for (let y = 0; y + 11 <= a.h; y++) {
      for (let x = 0; x + 11 <= a.w; x++) {
        let [ma, mb, aa, bb, ab] = [0, 0, 0, 0, 0];
        for (let i = 0; i < 11; i++) {
          for (let j = 0; j < 11; j++) {
            const k = g[i] * g[j];
            const p = a.v[(y + i) * a.w + x + j];
            const q = b.v[(y + i) * a.w + x + j];
            ma += k * p;
            mb += k * q;
            aa += k * p * p;
            bb += k * q * q;
            ab += k * p * q;
          }
        }
        const cs = (2 * (ab - ma * mb) + 9e-4) / (aa - ma * ma + bb - mb * mb + 9e-4);
        const l = (2 * ma * mb + 1e-4) / (ma * ma + mb * mb + 1e-4);
        sum += scale === 4 ? cs * l : cs;
        count++;
      }
    }
    product *= (sum / count) ** weight;
  });
  return product;
}

function halved({ w, h, v }: Plane): Plane {
  const W = Math.ceil(w / 2);
  const H = Math.ceil(h / 2);
  const at = (x: number, y: number) => (x < 0 || y < 0 ? 0 : v[y * w + x]);
  const out = new Float64Array(W * H);
  for (let y = 0; y < H; y++) {
    for (let x = 0; x < W; x++) {
      const [x0, y0] = [2 * x - (w % 2), 2 * y - (h % 2)];
      out[y * W + x] = (at(x0, y0) + at(x0 + 1, y0) + at(x0, y0 + 1) + at(x0 + 1, y0 + 1)) / 4;
    }
  }
  return { w: W, h: H, v: out };
}

it('agrees with the definition on odd sides', () => {
  const [w, h] = [173, 161];
  const rng = new Rng(8);
  const a = new Float32Array(w * h * 3);
  const b = new Float32Array(w * h * 3);
  for (let i = 0; i < a.length; i++) {
    const pixel = Math.floor(i / 3);
    a[i] = 0.5 + 0.4 * Math.sin((pixel % w) / 9 + (i % 3)) * Math.cos(pixel / w / 7);
    b[i] = a[i] + 0.06 * rng.normal();
  }
  const plane = (data: Float32Array, c: number): Plane => ({
    w,
    h,
    v: Float64Array.from({ length: w * h }, (_, i) => data[3 * i + c]),
  });
  const expected = [0, 1, 2].map((c) => plainMsssim(plane(a, c), plane(b, c)));
  const got = msssim(tf.tensor4d(a, [1, h, w, 3]), tf.tensor4d(b, [1, h, w, 3])).dataSync()[0];
  expect(got).toBeCloseTo((expected[0] + expected[1] + expected[2]) / 3, 5);
  expect(got).toBeLessThan(0.99);
});
