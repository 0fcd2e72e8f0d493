/**
 * The arithmetic coder of docs/format.md, section 6.2. Its state is a record in memory
 * (tile-layout.ts), so that a host can stop between symbols and refill or drain the bytes.
 */
import {
  CODER_CODE,
  CODER_END,
  CODER_HELD,
  CODER_LOW,
  CODER_OVERFLOW,
  CODER_PENDING,
  CODER_POSITION,
  CODER_RANGE,
} from './tile-layout';

export const RENORMALIZE: u32 = 1 << 24;

/** floor(range * count / 2^20) */
// @ts-ignore: decorator
@inline
export function part(range: u32, count: u32): u32 {
  return <u32>(((<u64>range) * count) >> 20);
}

/**
 * Starts decoding at the state's position, where at least four bytes are.
 *
 * @returns Whether the bytes can be an arithmetic code.
 */
export function startDecoder(state: usize): bool {
  const position = <usize>load<u32>(state, CODER_POSITION);
  const code = bswap<u32>(load<u32>(position));
  store<u32>(state, 0xffffffff, CODER_RANGE);
  store<u32>(state, code, CODER_CODE);
  store<u32>(state, <u32>position + 4, CODER_POSITION);
  return code != 0xffffffff;
}

/** Starts encoding; the host has set position and end. */
export function startEncoder(state: usize): void {
  store<u32>(state, 0xffffffff, CODER_RANGE);
  store<u64>(state, 0, CODER_LOW);
  store<i32>(state, -1, CODER_HELD);
  store<u32>(state, 0, CODER_PENDING);
  store<u32>(state, 0, CODER_OVERFLOW);
}

function writeByte(state: usize, byte: u32): void {
  const position = load<u32>(state, CODER_POSITION);
  if (position >= load<u32>(state, CODER_END)) {
    store<u32>(state, 1, CODER_OVERFLOW);
    return;
  }
  store<u8>(position, <u8>byte);
  store<u32>(state, position + 1, CODER_POSITION);
}

/** Moves the top byte of low out; a run of 0xFF waits until it is known whether it carries. */
function shift(state: usize): void {
  const low = load<u64>(state, CODER_LOW);
  const carry = <u32>(low >> 32);
  const top = (<u32>low) >> 24;
  if (carry != 0 || top != 0xff) {
    const held = load<i32>(state, CODER_HELD);
    if (held >= 0) writeByte(state, held + carry);
    for (let n = load<u32>(state, CODER_PENDING); n > 0; n--) writeByte(state, 0xff + carry);
    store<u32>(state, 0, CODER_PENDING);
    store<i32>(state, top, CODER_HELD);
  } else {
    store<u32>(state, load<u32>(state, CODER_PENDING) + 1, CODER_PENDING);
  }
  store<u64>(state, (low & 0xffffff) << 8, CODER_LOW);
}

/** Codes the cell from cumulative count `low` to `high`, 0 <= low < high <= 2^20. */
export function encodeCell(state: usize, low: u32, high: u32): void {
  let range = load<u32>(state, CODER_RANGE);
  const start = part(range, low);
  range = part(range, high) - start;
  store<u64>(state, load<u64>(state, CODER_LOW) + start, CODER_LOW);
  while (range < RENORMALIZE) {
    range <<= 8;
    shift(state);
  }
  store<u32>(state, range, CODER_RANGE);
}

/** Ends the stream; zero bytes at its end may be dropped. At most 5 bytes and those pending. */
export function finishEncoder(state: usize): void {
  // The value in [low, low + range) with the most trailing zeros.
  const low = load<u64>(state, CODER_LOW);
  store<u64>(state, (low + 0xffffff) & ~(<u64>0xffffff), CODER_LOW);
  for (let i = 0; i < 5; i++) shift(state);
}
