import { MODEL_MAGIC, MODEL_VERSION } from '../format/constants.js';
import { crc32c } from '../format/crc32c.js';
import { ShvqError } from '../format/errors.js';
import { ByteReader } from '../format/reader.js';
import { pageHint } from '../format/sniff.js';
import { ByteWriter } from '../format/writer.js';
import { concatenate } from '../image/bytes.js';

/** A named tensor of integers as it lies in a .shvw file. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Int8Array | Int16Array | Int32Array;
}

/** What a .shvw file of version 0 holds: docs/format.md, section 9. */
export interface TensorFile {
  /** JSON text, kept byte for byte because the model's id covers it. */
  readonly structure: string;
  readonly tensors: readonly NamedTensor[];
}

const TYPES = { 1: Int8Array, 2: Int16Array, 4: Int32Array } as const;
const MAX_RANK = 8;

/**
 * Reads a .shvw file of version 0.
 *
 * @throws ShvqError BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT
 */
export function parseTensors(bytes: Uint8Array): TensorFile {
  const reader = new ByteReader(bytes, 'The model file');
  const magic = reader.take(3);
  if (MODEL_MAGIC.some((byte, i) => magic[i] !== byte)) {
    throw new ShvqError('BAD_MAGIC', `Not a .shvw model file${pageHint(bytes)}`, { offset: 0 });
  }
  const version = reader.u8();
  if (version !== MODEL_VERSION) {
    throw new ShvqError('UNSUPPORTED', `Model file version ${version} needs a newer shvq`, {
      offset: 3,
    });
  }
  const structure = reader.text(reader.varint());
  const count = reader.varint();
  const heads: { name: string; type: 1 | 2 | 4; shape: number[]; size: number }[] = [];
  for (let i = 0; i < count; i++) {
    const name = reader.text(reader.varint());
    const type = reader.u8();
    const rank = reader.u8();
    if ((type !== 1 && type !== 2 && type !== 4) || rank > MAX_RANK) {
      throw new ShvqError('CORRUPT', `Tensor ${name} has an unknown type`, {
        offset: reader.position,
      });
    }
    const shape = Array.from({ length: rank }, () => reader.varint());
    heads.push({ name, type, shape, size: shape.reduce((a, b) => a * b, 1) });
  }
  const end = reader.position;
  if (reader.u32() !== crc32c(bytes.subarray(0, end))) {
    throw new ShvqError('CORRUPT', 'The model file fails its header checksum', { offset: end });
  }
  const start = reader.position;
  const tensors = heads.map(({ name, type, shape, size }): NamedTensor => {
    const raw = reader.take(size * type);
    // A copy, since the file's bytes need not be aligned; typed arrays are little-endian wherever
    // WebAssembly runs.
    const data = new TYPES[type](Uint8Array.from(raw).buffer);
    return { name, shape, data };
  });
  const stop = reader.position;
  if (reader.u32() !== crc32c(bytes.subarray(start, stop))) {
    throw new ShvqError('CORRUPT', 'The model file fails its data checksum', { offset: stop });
  }
  if (reader.position !== bytes.length) {
    throw new ShvqError('CORRUPT', 'Bytes after the end of the model file', {
      offset: reader.position,
    });
  }
  return { structure, tensors };
}

/** Writes a .shvw file of version 0. */
export function serializeTensors({ structure, tensors }: TensorFile): Uint8Array {
  const text = new TextEncoder();
  const head = new ByteWriter();
  head.bytes([...MODEL_MAGIC, MODEL_VERSION]);
  const json = text.encode(structure);
  head.varint(json.length);
  head.bytes(json);
  head.varint(tensors.length);
  for (const { name, shape, data } of tensors) {
    const encoded = text.encode(name);
    head.varint(encoded.length);
    head.bytes(encoded);
    head.u8(data.BYTES_PER_ELEMENT);
    head.u8(shape.length);
    for (const side of shape) head.varint(side);
  }
  head.u32(crc32c(head.finish()));
  const size = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
  const bytes = new Uint8Array(head.length + size + 4);
  bytes.set(head.finish());
  let at = head.length;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  const tail = new ByteWriter();
  tail.u32(crc32c(bytes.subarray(head.length, at)));
  bytes.set(tail.finish(), at);
  return bytes;
}

/** What a model's id is the SHA-256 of: docs/format.md, section 9. */
export function identityBytes({ structure, tensors }: TensorFile): Uint8Array {
  const text = new TextEncoder();
  const parts: Uint8Array[] = [text.encode(structure)];
  for (const { name, shape, data } of tensors) {
    const head = new ByteWriter();
    head.bytes(text.encode(name));
    head.u8(0);
    head.u32(shape.length);
    for (const side of shape) head.u32(side);
    parts.push(head.finish(), new Uint8Array(Int32Array.from(data).buffer));
  }
  return concatenate(parts);
}
