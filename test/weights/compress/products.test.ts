import { describe, expect, it } from 'vitest';
import plainBytes from '../../../build/products-plain.wasm';
import simdBytes from '../../../build/products-simd.wasm';
import type { Rows } from '../../../src/weights/compress/products/engine.js';
import { REFERENCE } from '../../../src/weights/compress/products/reference.js';
import { wasmProducts } from '../../../src/weights/compress/products/wasm.js';
import { Random } from '../../support/random.js';

const ENGINES = [
  wasmProducts('simd', new WebAssembly.Module(simdBytes as Uint8Array)),
  wasmProducts('plain', new WebAssembly.Module(plainBytes as Uint8Array)),
  REFERENCE,
];

function randomRows(random: Random, rows: number, length: number): Rows {
  const data = Float32Array.from({ length: rows * length }, () => random.normal());
  return { rows, length, data };
}

/** In double precision, in order. */
function exact(a: Rows, b: Rows): Float64Array {
  return Float64Array.from({ length: a.rows * b.rows }, (_, n) => {
    const [i, j] = [Math.floor(n / b.rows), n % b.rows];
    let sum = 0;
    for (let k = 0; k < a.length; k++) {
      sum += a.data[i * a.length + k]! * b.data[j * b.length + k]!;
    }
    return sum;
  });
}

function expectNear(found: Float64Array, wanted: Float64Array): void {
  expect(found.length).toBe(wanted.length);
  for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, 3);
}

describe('products of rows', () => {
  const random = new Random(5);
  // Around the sizes of blocks, lanes and pieces; the last are larger than what came before.
  const sizes = [
    [1, 1, 1],
    [3, 5, 7],
    [4, 2, 128],
    [5, 7, 129],
    [2, 3, 300],
    [13, 6, 515],
  ] as const;
  for (const [rows, others, length] of sizes) {
    it(`of ${rows} and ${others} rows of ${length} elements have the same bits everywhere`, () => {
      const a = randomRows(random, rows, length);
      const b = randomRows(random, others, length);
      const expected = REFERENCE.multiply(a, b);
      expectNear(expected, exact(a, b));
      const squares = REFERENCE.multiply(a);
      expectNear(squares, exact(a, a));
      for (const engine of ENGINES) {
        expect(engine.multiply(a, b), engine.build).toEqual(expected);
        expect(engine.multiply(a), engine.build).toEqual(squares);
      }
    });
  }

  it('of no elements are zero', () => {
    const a = randomRows(random, 3, 0);
    for (const engine of ENGINES) expect(engine.multiply(a)).toEqual(new Float64Array(9));
  });
});
