/** The bytes of src/weights/coder/bits.ts. */
import { bit } from './bits';
import { PLANES } from './layout';

/** Decodes the coded bytes of elements, u8 [count][width]. */
export function decodePlanes(elements: usize, count: i32, width: i32, raw: i32): void {
  for (let i = 0; i < count; i++) {
    for (let plane = width - 1; plane >= raw; plane--) {
      const context = PLANES + ((width - 1 - plane) << 8);
      let node: i32 = 1;
      while (node < 256) node = (node << 1) | bit(context + node);
      store<u8>(elements + plane, <u8>node);
    }
    elements += width;
  }
}
