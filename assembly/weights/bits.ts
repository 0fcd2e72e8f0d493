/**
 * The arithmetic decoder of docs/format.md, sections 6.2 and 8.1, for adaptive bits. One decoder to
 * an instance: its state is in globals, which engines keep in registers or close by.
 */
import { CONTEXTS, MODELS, RATES } from './layout';

const HALF: u32 = 1 << 21;
const ONE: u32 = (1 << 22) - 1;

let range: u32 = 0;
let code: u32 = 0;
let position: usize = 0;
let end: usize = 0;

// @ts-ignore: decorator
@inline
function nextByte(): u32 {
  return position < end ? <u32>load<u8>(position++) : 0;
}

/** Forgets all that was learned. */
export function startModels(): void {
  for (let n: u32 = 0; n < 128; n++) {
    store<u32>(RATES + ((<usize>n) << 2), (1 << 15) / (2 * n + 3));
  }
  for (let i = 0; i < CONTEXTS; i++) store<u32>(MODELS + ((<usize>i) << 2), HALF);
}

/**
 * Goes on with the arithmetic code from `from` to `to`.
 *
 * @returns Whether the bytes can be an arithmetic code.
 */
export function startCode(from: usize, to: usize): bool {
  position = from;
  end = to;
  range = 0xffffffff;
  code = 0;
  for (let i = 0; i < 4; i++) code = (code << 8) | nextByte();
  return code != 0xffffffff;
}

/** Decodes a bit under a context. */
// @ts-ignore: decorator
@inline
export function bit(context: i32): u32 {
  const at = MODELS + ((<usize>context) << 2);
  const model = load<u32>(at);
  const p = model & ONE;
  const n = model >> 22;
  const rate = load<u32>(RATES + ((<usize>n) << 2));
  const more = n < 127 ? (n + 1) << 22 : n << 22;
  const split = <u32>((<u64>range * ((1 << 20) - ((p >> 2) | 1))) >> 20);
  let result: u32;
  if (code >= split) {
    code -= split;
    range -= split;
    store<u32>(at, (p + ((((ONE - p) >> 6) * rate) >> 8)) | more);
    result = 1;
  } else {
    range = split;
    store<u32>(at, (p - (((p >> 6) * rate) >> 8)) | more);
    result = 0;
  }
  while (range < 1 << 24) {
    range <<= 8;
    code = (code << 8) | nextByte();
  }
  return result;
}
