/**
 * Nearest centers: hard assignment. Vectors by squared distance, scalars by the boundaries between
 * cells, which is the same for d = 1. src/entropy/assign.ts says what the results are.
 *
 * Packed centers come from `packCenters` in src/runtime/pack-centers.ts: for each block of 4
 * centers, for each pair of dimensions, 4 centers x 2 dimensions as i16.
 */

/**
 * @param values i32 [count]
 * @param boundaries i32 [boundaryCount], increasing; at most 255.
 * @param symbols u8 [count], written: the number of boundaries not above the value.
 */
export function assignScalars(
  values: usize,
  count: i32,
  boundaries: usize,
  boundaryCount: i32,
  symbols: usize,
): void {
  const end = boundaries + (boundaryCount << 2);
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 4 <= count; i += 4) {
      const x = v128.load(values + (i << 2));
      let below = i32x4.splat(0);
      for (let b = boundaries; b < end; b += 4) {
        below = i32x4.sub(below, i32x4.ge_s(x, v128.load32_splat(b)));
      }
      // The low byte of each lane.
      const bytes = i8x16.shuffle(below, below, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
      v128.store32_lane(symbols + i, bytes, 0);
    }
  }
  for (; i < count; i++) {
    const x = load<i32>(values + (i << 2));
    let low = 0;
    let high = boundaryCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (load<i32>(boundaries + (middle << 2)) <= x) low = middle + 1;
      else high = middle;
    }
    store<u8>(symbols + i, low);
  }
}

/** Index of the center of least distance to one vector; ties to the lower index. */
function nearestSimd(x: usize, pairs: i32, centers: usize, blocks: i32): i32 {
  let least = i32x4.splat(-1);
  let best = i32x4.splat(0);
  let index = i32x4(0, 1, 2, 3);
  const end = x + (pairs << 2);
  for (let block = 0; block < blocks; block++) {
    let distance = i32x4.splat(0);
    for (let at = x; at < end; at += 4) {
      const d = i16x8.sub(v128.load(centers), v128.load32_splat(at));
      distance = i32x4.add(distance, i32x4.dot_i16x8_s(d, d));
      centers += 16;
    }
    const nearer = i32x4.lt_u(distance, least);
    least = v128.bitselect(distance, least, nearer);
    best = v128.bitselect(index, best, nearer);
    index = i32x4.add(index, i32x4.splat(4));
  }
  let distance = <u32>i32x4.extract_lane(least, 0);
  let k = i32x4.extract_lane(best, 0);
  for (let lane = 1; lane < 4; lane++) {
    // Lanes to the front one by one.
    least = i8x16.shuffle(least, least, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
    best = i8x16.shuffle(best, best, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
    const other = <u32>i32x4.extract_lane(least, 0);
    const otherK = i32x4.extract_lane(best, 0);
    if (other < distance || (other == distance && otherK < k)) {
      distance = other;
      k = otherK;
    }
  }
  return k;
}

function nearestScalar(x: usize, pairs: i32, centers: usize, blocks: i32): i32 {
  let least: u32 = 0xffffffff;
  let best = 0;
  for (let k = 0; k < blocks << 2; k++) {
    let center = centers + ((((k >> 2) * pairs) << 4) + ((k & 3) << 2));
    let distance: u32 = 0;
    for (let at = x, end = x + (pairs << 2); at < end; at += 4) {
      const a = <i32>load<i16>(center) - <i32>load<i16>(at);
      const b = <i32>load<i16>(center, 2) - <i32>load<i16>(at, 2);
      distance += a * a + b * b;
      center += 16;
    }
    if (distance < least) {
      least = distance;
      best = k;
    }
  }
  return best;
}

/**
 * @param vectors i16 [count][2 * pairs]; values and centers within +-VECTOR_MAX, at most 8 pairs, so
 *   that distances fit in u32.
 * @param centers Packed, `blocks` blocks of 4.
 * @param symbols u16 [count], written.
 */
export function assignVectors(
  vectors: usize,
  count: i32,
  pairs: i32,
  centers: usize,
  blocks: i32,
  symbols: usize,
): void {
  for (let i = 0; i < count; i++) {
    const k = ASC_FEATURE_SIMD
      ? nearestSimd(vectors, pairs, centers, blocks)
      : nearestScalar(vectors, pairs, centers, blocks);
    store<u16>(symbols, k);
    vectors += pairs << 2;
    symbols += 2;
  }
}
