import { crc32c } from '../format/crc32c.js';
import { MODEL_MAGIC, MODEL_VERSION } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';

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

class Reader {
  position = 0;
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.bytes.length) {
      throw new ShvqError('TRUNCATED', 'The model file ends too early', { offset: this.bytes.length });
    }
    const part = this.bytes.subarray(this.position, end);
    this.position = end;
    return part;
  }

  u8(): number {
    return this.take(1)[0]!;
  }

  u32(): number {
    this.take(4);
    return this.#view.getUint32(this.position - 4, true);
  }

  varint(): number {
    const offset = this.position;
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const byte = this.u8();
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) {
        if (value >= 2 ** 32 || (byte === 0 && i > 0)) break;
        return value;
      }
    }
    throw new ShvqError('CORRUPT', 'A number in the model file is invalid', { offset });
  }
}

/**
 * Reads a .shvw file of version 0.
 *
 * @throws ShvqError BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT
 */
export function parseTensors(bytes: Uint8Array): TensorFile {
  const reader = new Reader(bytes);
  const magic = reader.take(3);
  if (MODEL_MAGIC.some((byte, i) => magic[i] !== byte)) {
    throw new ShvqError('BAD_MAGIC', 'Not a .shvw model file', { offset: 0 });
  }
  const version = reader.u8();
  if (version !== MODEL_VERSION) {
    throw new ShvqError('UNSUPPORTED', `Model file version ${version}`, { offset: 3 });
  }
  const text = new TextDecoder();
  const structure = text.decode(reader.take(reader.varint()));
  const count = reader.varint();
  const heads: { name: string; type: 1 | 2 | 4; shape: number[]; size: number }[] = [];
  for (let i = 0; i < count; i++) {
    const name = text.decode(reader.take(reader.varint()));
    const type = reader.u8();
    const rank = reader.u8();
    if ((type !== 1 && type !== 2 && type !== 4) || rank > MAX_RANK) {
      throw new ShvqError('CORRUPT', `Tensor ${name} has an unknown type`, { offset: reader.position });
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
    const data = new TYPES[type](raw.slice().buffer);
    return { name, shape, data };
  });
  const stop = reader.position;
  if (reader.u32() !== crc32c(bytes.subarray(start, stop))) {
    throw new ShvqError('CORRUPT', 'The model file fails its data checksum', { offset: stop });
  }
  if (reader.position !== bytes.length) {
    throw new ShvqError('CORRUPT', 'Bytes after the end of the model file', { offset: reader.position });
  }
  return { structure, tensors };
}

function pushVarint(out: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest & 127) | 128);
  out.push(rest);
}

function pushU32(out: number[], value: number): void {
  out.push(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
}

/** Writes a .shvw file of version 0. */
export function serializeTensors({ structure, tensors }: TensorFile): Uint8Array {
  const text = new TextEncoder();
  const head: number[] = [...MODEL_MAGIC, MODEL_VERSION];
  const json = text.encode(structure);
  pushVarint(head, json.length);
  head.push(...json);
  pushVarint(head, tensors.length);
  for (const { name, shape, data } of tensors) {
    const encoded = text.encode(name);
    pushVarint(head, encoded.length);
    head.push(...encoded, data.BYTES_PER_ELEMENT, shape.length);
    for (const side of shape) pushVarint(head, side);
  }
  pushU32(head, crc32c(Uint8Array.from(head)));
  const size = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
  const bytes = new Uint8Array(head.length + size + 4);
  bytes.set(head);
  let at = head.length;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  const tail: number[] = [];
  pushU32(tail, crc32c(bytes.subarray(head.length, at)));
  bytes.set(tail, at);
  return bytes;
}

/** What a model's id is the SHA-256 of: docs/format.md, section 9. */
export function identityBytes({ structure, tensors }: TensorFile): Uint8Array {
  const text = new TextEncoder();
  const parts: Uint8Array[] = [text.encode(structure)];
  for (const { name, shape, data } of tensors) {
    const head: number[] = [...text.encode(name), 0];
    pushU32(head, shape.length);
    for (const side of shape) pushU32(head, side);
    parts.push(Uint8Array.from(head), new Uint8Array(Int32Array.from(data).buffer));
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
