/** The indices of src/weights/coder/vector.ts; there is what it means. */
import { bit, ones } from './bits';
import { LENGTH, TREE } from './layout';
import { log2, scaleOf } from './scale';

const BITS_MAX = 14;

/**
 * Decodes indices of vectors.
 *
 * @param values i32 [count], written.
 * @param columns i32 [columnCount], all -1.
 */
export function decodeIndices(
  values: usize,
  count: i32,
  columns: usize,
  columnCount: i32,
): void {
  let near = 256;
  let run = 256;
  let column = columns;
  const lastColumn = columns + (<usize>(columnCount - 1) << 2);
  const end = values + (<usize>count << 2);
  for (; values < end; values += 4) {
    const known = load<i32>(column);
    const own = known < 0 ? run : known;
    const z = scaleOf(log2(run + 6) + log2(own + 6) + log2(near + 6));
    const length = ones(LENGTH + z * 16, BITS_MAX);
    let prefix: i32 = 1;
    for (let i = 0; i < length; i++) prefix = (prefix << 1) | bit(TREE + prefix);
    store<i32>(values, prefix - 1);
    const magnitude = (prefix - 1) << 8;
    near += (magnitude - near) >> 2;
    run += (magnitude - run) >> 6;
    store<i32>(column, known < 0 ? magnitude : own + ((magnitude - own) >> 3));
    column = column == lastColumn ? columns : column + 4;
  }
}
