/** The order in which a tensor's elements are coded: row-major after a permutation of the axes. */

/** Steps between neighbours along each axis of a row-major tensor. */
function strides(shape: readonly number[]): number[] {
  const steps = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = step;
    step *= shape[axis]!;
  }
  return steps;
}

/**
 * Calls `visit` for each run of elements along the innermost axis of the scan, in its order.
 *
 * @param visit Takes the run's first row-major position, the step to the next, and their number.
 */
export function scan(
  shape: readonly number[],
  axes: readonly number[],
  visit: (start: number, step: number, count: number) => void,
): void {
  if (shape.includes(0)) return;
  const rank = axes.length;
  if (rank === 0 || axes.every((axis, i) => axis === i)) {
    visit(
      0,
      1,
      shape.reduce((a, b) => a * b, 1),
    );
    return;
  }
  const own = strides(shape);
  const sides = axes.map((axis) => shape[axis]!);
  const steps = axes.map((axis) => own[axis]!);
  const at = new Array<number>(rank).fill(0);
  const last = rank - 1;
  for (let start = 0; ; ) {
    visit(start, steps[last]!, sides[last]!);
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      start += steps[axis]!;
      if (++at[axis]! < sides[axis]!) break;
      start -= steps[axis]! * sides[axis]!;
      at[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** Puts numbers that lie in the order of a scan into the tensor's own order. */
export function unscan(
  scanned: Int32Array | Float32Array,
  shape: readonly number[],
  axes: readonly number[],
  data: Int32Array | Float32Array,
): void {
  let n = 0;
  scan(shape, axes, (start, step, count) => {
    if (step === 1) data.set(scanned.subarray(n, n + count), start);
    else copyRun(scanned, n, count, data, start, step);
    n += count;
  });
}

function copyRun(
  from: Int32Array | Float32Array,
  first: number,
  count: number,
  to: Int32Array | Float32Array,
  start: number,
  step: number,
): void {
  for (let i = 0, at = start; i < count; i++, at += step) to[at] = from[first + i]!;
}
