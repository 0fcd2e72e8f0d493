import { ShvqError } from '../../format/errors.js';
import { viewOf } from '../../image/bytes.js';
import { infoOf, sizeOf } from '../dtypes.js';
import type { Tensor } from '../types.js';
import { SAFETENSORS_KEY, SAFETENSORS_TYPES } from './types.js';

const LENGTH_BYTES = 8;

/** A network's tensors, and what else its file said. */
export interface Network {
  /** JSON text; '' for none. */
  readonly metadata: string;
  readonly tensors: Tensor[];
}

function corrupt(message: string, tensor?: string): ShvqError {
  return new ShvqError('CORRUPT', message, tensor === undefined ? {} : { tensor });
}

function parseHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < LENGTH_BYTES) {
    throw new ShvqError('TRUNCATED', 'The safetensors file ends too early', {
      offset: bytes.length,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const start = LENGTH_BYTES + length;
  if (bytes[LENGTH_BYTES] !== 0x7b || length > 2 ** 30) {
    throw new ShvqError('BAD_MAGIC', 'Not a safetensors file', { offset: 0 });
  }
  if (start > bytes.length) {
    throw new ShvqError('TRUNCATED', 'The safetensors file ends within its header', {
      offset: bytes.length,
    });
  }
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, start)));
    return { header, start };
  } catch (cause) {
    throw new ShvqError('CORRUPT', "The safetensors file's header is no JSON", { cause });
  }
}

function isSides(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && side >= 0);
}

function readTensor(name: string, value: unknown, data: Uint8Array): Tensor {
  const { dtype: type, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const known = typeof type === 'string' && Object.hasOwn(SAFETENSORS_TYPES, type);
  const dtype = known ? SAFETENSORS_TYPES[type] : undefined;
  if (!dtype) throw new ShvqError('UNSUPPORTED', `The type ${String(type)}`, { tensor: name });
  if (!isSides(shape)) throw corrupt('The shape is no list of sides', name);
  if (!isSides(offsets) || offsets.length !== 2) throw corrupt('The offsets are no pair', name);
  const [from, to] = offsets as [number, number];
  const { array, bytes } = infoOf(dtype);
  if (to - from !== sizeOf(shape) * bytes) throw corrupt('Shape and offsets disagree', name);
  if (to > data.length) {
    throw new ShvqError('TRUNCATED', 'The safetensors file ends too early', { tensor: name });
  }
  // A copy: the file's bytes need not be aligned.
  return { name, shape, dtype, data: new array(data.slice(from, to).buffer as ArrayBuffer) };
}

/**
 * The tensors of a safetensors file.
 *
 * @throws ShvqError BAD_MAGIC, TRUNCATED, CORRUPT, UNSUPPORTED for a type that no file of ours holds
 */
export function fromSafetensors(bytes: Uint8Array): Network {
  const { header, start } = parseHeader(bytes);
  // Not bytes.subarray: what it gives for Node's Buffer shares memory when sliced.
  const data = viewOf(bytes).subarray(start);
  const { __metadata__: own, ...entries } = header;
  const tensors = Object.entries(entries).map(([name, value]) => readTensor(name, value, data));
  return { metadata: own ? JSON.stringify({ [SAFETENSORS_KEY]: own }) : '', tensors };
}
