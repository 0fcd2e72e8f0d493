import { ShvqError } from '../../format/errors.js';
import { concatenate } from '../../image/bytes.js';
import { bytesOf } from '../dtypes.js';
import type { Tensor } from '../types.js';
import { SAFETENSORS_KEY, SAFETENSORS_TYPES } from './types.js';

/** Text that safetensors can keep: a map of strings. */
function ownMetadata(metadata: string): Record<string, string> {
  if (metadata === '') return {};
  try {
    const own = JSON.parse(metadata)[SAFETENSORS_KEY];
    if (own && Object.values(own).every((value) => typeof value === 'string')) return own;
  } catch {
    // Kept as text, below.
  }
  return { shvq: metadata };
}

/**
 * A safetensors file of the tensors.
 *
 * @param metadata As in a `.shvw` file.
 * @throws ShvqError BAD_INPUT for a tensor that is called `__metadata__`
 */
export function toSafetensors(tensors: Iterable<Tensor>, metadata = ''): Uint8Array {
  const header: Record<string, unknown> = Object.create(null);
  const own = ownMetadata(metadata);
  if (Object.keys(own).length > 0) header.__metadata__ = own;
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { name, shape, dtype, data } of tensors) {
    if (name === '__metadata__') {
      throw new ShvqError('BAD_INPUT', 'safetensors keeps this name to itself', { tensor: name });
    }
    const type = Object.keys(SAFETENSORS_TYPES).find((key) => SAFETENSORS_TYPES[key] === dtype);
    header[name] = { dtype: type, shape, data_offsets: [at, at + data.byteLength] };
    parts.push(bytesOf(data));
    at += data.byteLength;
  }
  // Padded with spaces, so that the elements are aligned.
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const length = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(8 + length).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, 8);
  return concatenate([head, ...parts]);
}
