/** Centers that weights are assigned to. */
export interface Centers {
  /** Scalars of a center: d. */
  readonly dimensions: number;
  /** [count][dimensions]; scalars in rising order, vectors by rising norm. */
  readonly points: Float64Array;
  readonly count: number;
  /** Index of the center at the origin. There always is one. */
  readonly zero: number;
}

/**
 * A step rounded to few significant bits, which the file's header says in fewer bytes.
 *
 * @param bits 2..23, behind the leading one.
 */
export function shortStep(step: number, bits: number): number {
  const word = new Uint32Array(Float32Array.of(step).buffer);
  const rest = 2 ** (23 - bits);
  word[0] = (word[0]! + rest / 2) & -rest;
  return new Float32Array(word.buffer)[0]! || Math.fround(step);
}

/** @param reach Centers on each side of zero. */
export function uniformScalars(step: number, reach: number): Centers {
  const count = 2 * reach + 1;
  const points = Float64Array.from({ length: count }, (_, i) => (i - reach) * step);
  return { dimensions: 1, points, count, zero: reach };
}

/**
 * The points of a triangular lattice, the densest packing in the plane, whose cells have the area
 * step^2, within a radius.
 */
export function triangularLattice(step: number, radius: number): Centers {
  // Rows of distance h and points of distance a in a row: a * h = step^2, h / a = sqrt(3) / 2.
  const a = step * Math.sqrt(2 / Math.sqrt(3));
  const h = (step * step) / a;
  const found: [number, number][] = [];
  const rows = Math.floor(radius / h);
  for (let j = -rows; j <= rows; j++) {
    const shift = j % 2 === 0 ? 0 : a / 2;
    const reach = Math.floor(radius / a) + 1;
    for (let i = -reach; i <= reach; i++) {
      const x = i * a + shift;
      const y = j * h;
      if (x * x + y * y <= radius * radius) found.push([x, y]);
    }
  }
  found.sort((p, q) => norm(p) - norm(q) || p[0] - q[0] || p[1] - q[1]);
  return { dimensions: 2, points: Float64Array.from(found.flat()), count: found.length, zero: 0 };
}

function norm([x, y]: [number, number]): number {
  return x * x + y * y;
}

/** Index of the scalar center nearest to x. */
export function nearestScalar({ points, count }: Centers, x: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]! + points[middle + 1]! <= 2 * x) low = middle + 1;
    else high = middle;
  }
  return low;
}
