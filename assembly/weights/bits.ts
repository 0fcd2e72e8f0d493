/**
 * The arithmetic decoder of docs/format.md, sections 6.2 and 8.1, for adaptive bits. One decoder to
 * an instance: its state is in globals.
 */
import { CONTEXTS, MODELS, RATES } from './layout';

const HALF: u32 = 1 << 21;
const ONE: u32 = (1 << 22) - 1;
/** Position of the count in a model, less that of a pair in `RATES`. */
const PAIR = 22 - 3;

let range: u32 = 0;
let code: u32 = 0;
let position: usize = 0;
let end: usize = 0;

/** Forgets all that was learned. */
export function startModels(): void {
  for (let n: u32 = 0; n < 128; n++) {
    const pair = RATES + ((<usize>n) << 3);
    store<u32>(pair, (1 << 15) / (2 * n + 3));
    store<u32>(pair, u32(n < 127) << 22, 4);
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

// @ts-ignore: decorator
@inline
function nextByte(): u32 {
  return position < end ? <u32>load<u8>(position++) : 0;
}

/**
 * Decodes bits until one is zero, the first under `context` and each under the next, but at most
 * `limit`.
 *
 * @returns How many were ones.
 */
export function ones(context: i32, limit: i32): i32 {
  // Copies, which stay in registers.
  let r = range;
  let c = code;
  let at = MODELS + ((<usize>context) << 2);
  let n = 0;
  while (n < limit) {
    const model = load<u32>(at);
    const p = model & ONE;
    const pair = RATES + ((model >> PAIR) & ~7);
    const split = <u32>((<u64>r * ((1 << 20) - ((p >> 2) | 1))) >> 20);
    const one = c >= split;
    if (one) {
      c -= split;
      r -= split;
      store<u32>(at, model + load<u32>(pair, 4) + ((((ONE - p) >> 6) * load<u32>(pair)) >> 8));
      at += 4;
      n++;
    } else {
      r = split;
      store<u32>(at, model + load<u32>(pair, 4) - (((p >> 6) * load<u32>(pair)) >> 8));
    }
    while (r < 1 << 24) {
      r <<= 8;
      c = (c << 8) | nextByte();
    }
    if (!one) break;
  }
  range = r;
  code = c;
  return n;
}

/** Decodes a bit under a context. */
export function bit(context: i32): u32 {
  return ones(context, 1);
}
