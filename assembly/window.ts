/**
 * Sums under the 7x7 window of src/search/blur.ts, whose weights are 1 2 3 3 3 2 1 each way: what the
 * encoder's search compares pictures with.
 */

/** Weighted sum of seven i32 (or vectors of four), `step` bytes apart. */
// @ts-ignore: decorator
@inline
function seven(at: usize, step: usize): i32 {
  const outer = load<i32>(at) + load<i32>(at + 6 * step);
  const next = load<i32>(at + step) + load<i32>(at + 5 * step);
  const inner = load<i32>(at + 2 * step) + load<i32>(at + 3 * step) + load<i32>(at + 4 * step);
  return outer + 2 * next + 3 * inner;
}

// @ts-ignore: decorator
@inline
function seven4(at: usize, step: usize): v128 {
  const outer = i32x4.add(v128.load(at), v128.load(at + 6 * step));
  const next = i32x4.add(v128.load(at + step), v128.load(at + 5 * step));
  const inner = i32x4.add(
    i32x4.add(v128.load(at + 2 * step), v128.load(at + 3 * step)),
    v128.load(at + 4 * step),
  );
  const twice = i32x4.add(next, inner);
  return i32x4.add(i32x4.add(outer, inner), i32x4.add(twice, twice));
}

/**
 * @param src i32 [rows + 6][width + 6]; overwritten.
 * @param dst i32 [rows][width]. Sums wrap.
 */
export function windowSums(src: usize, width: i32, rows: i32, dst: usize): void {
  const rowBytes = <usize>(width + 6) << 2;
  // Across, in place: a sum reads nothing to its left.
  for (let y = 0; y < rows + 6; y++) {
    const row = src + y * rowBytes;
    let x = 0;
    if (ASC_FEATURE_SIMD) {
      for (; x + 4 <= width; x += 4) {
        const at = row + (<usize>x << 2);
        v128.store(at, seven4(at, 4));
      }
    }
    for (; x < width; x++) {
      const at = row + (<usize>x << 2);
      store<i32>(at, seven(at, 4));
    }
  }
  for (let y = 0; y < rows; y++) {
    const row = src + y * rowBytes;
    const to = dst + (<usize>(y * width) << 2);
    let x = 0;
    if (ASC_FEATURE_SIMD) {
      for (; x + 4 <= width; x += 4) {
        const offset = <usize>x << 2;
        v128.store(to + offset, seven4(row + offset, rowBytes));
      }
    }
    for (; x < width; x++) {
      const offset = <usize>x << 2;
      store<i32>(to + offset, seven(row + offset, rowBytes));
    }
  }
}
