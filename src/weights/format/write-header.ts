import { BitWriter } from '../../entropy/bit-writer.js';
import { RangeEncoder } from '../../entropy/range-encoder.js';
import { MODEL_MAGIC, WEIGHTS_VERSION } from '../../format/constants.js';
import { crc32c } from '../../format/crc32c.js';
import { ShvqError } from '../../format/errors.js';
import { ByteWriter } from '../../format/writer.js';
import { codeText, TEXT_CONTEXTS } from '../coder/text.js';
import { bytesOf, DTYPES } from '../dtypes.js';
import type { Codebook } from '../types.js';
import { type Coding, ownBase, type WeightsHeader } from './header.js';
import { CODEBOOK_KINDS, STORAGES, TEXT_MAX } from './layout.js';

class FieldWriter extends ByteWriter {
  readonly #text = new TextEncoder();

  utf8(text: string): void {
    this.bytes(this.#text.encode(text));
  }

  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  codebook(codebook: Codebook): void {
    this.varint(CODEBOOK_KINDS.indexOf(codebook.kind));
    this.bytes(bytesOf(Float32Array.of(codebook.step)));
    if (codebook.kind === 'uniform') return;
    const dimensions = codebook.kind === 'vector' ? codebook.dimensions : 1;
    if (codebook.kind === 'vector') this.u8(dimensions);
    this.varint(codebook.points.length / dimensions);
    codebook.points.forEach((point, i, points) => {
      if (codebook.kind === 'scalar' && i > 0) this.varint(point - points[i - 1]! - 1);
      else this.signed(point);
    });
  }

  coding({ axes, period, lags, rate, shift }: Coding): void {
    this.varint(axes.length);
    this.bytes(axes);
    this.varint(period);
    this.varint(lags.length);
    for (const lag of lags) this.varint(lag);
    this.varint(rate);
    this.varint(shift);
  }
}

/** Things of equal content, each once, numbered in the order in which they came. */
class Numbered<T> {
  readonly values: T[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(private readonly describe: (value: T) => string) {}

  /** What tells a thing: 0 for the first tensor with it, else its number and one. */
  fieldOf(value: T): number {
    const text = this.describe(value);
    const number = this.#numbers.get(text);
    if (number !== undefined) return number + 1;
    this.#numbers.set(text, this.values.push(value) - 1);
    return 0;
  }
}

function text({ metadata, tensors, blocks }: Omit<WeightsHeader, 'checksum' | 'bytes'>) {
  const out = new FieldWriter();
  const json = new TextEncoder().encode(metadata);
  out.varint(json.length);
  out.bytes(json);
  out.varint(tensors.length);
  for (const { name } of tensors) {
    out.utf8(name);
    out.u8(0);
  }
  for (const { dtype, storage } of tensors) {
    const type = DTYPES.findIndex((info) => info.dtype === dtype);
    out.u8(STORAGES.indexOf(storage) * 16 + type);
  }
  for (const { shape } of tensors) out.u8(shape.length);
  for (const { shape } of tensors) for (const side of shape) out.varint(side);
  const codebooks = new Numbered<Codebook>((codebook) =>
    'points' in codebook
      ? JSON.stringify({ ...codebook, points: Array.from(codebook.points) })
      : JSON.stringify(codebook),
  );
  const codings = new Numbered<Coding>((coding) => JSON.stringify(coding));
  const coded = tensors.filter((entry) => entry.storage !== 'planes');
  const quantized = coded.filter((entry) => entry.storage === 'quantized');
  const codebookFields = quantized.map(({ codebook }) => codebooks.fieldOf(codebook));
  const codingFields = coded.map(({ coding }) => codings.fieldOf(coding));
  out.varint(codebooks.values.length);
  for (const codebook of codebooks.values) out.codebook(codebook);
  out.varint(codings.values.length);
  for (const coding of codings.values) out.coding(coding);
  // Field by field: neighbours in a column resemble each other.
  for (const entry of tensors) if (entry.storage === 'planes') out.u8(entry.raw);
  for (const field of codebookFields) out.varint(field);
  for (const { axis, codebook } of quantized) if (codebook.kind === 'vector') out.varint(axis);
  for (const field of codingFields) out.varint(field);
  for (const entry of coded) {
    out.signed(entry.base - ownBase(entry.storage === 'quantized' ? entry.codebook : undefined));
  }
  for (const { scale } of coded) out.varint(scale);
  for (const size of blocks) out.varint(size);
  return out.finish();
}

/**
 * The bytes of a header, its checksum included, and that checksum.
 *
 * @throws ShvqError BAD_INPUT
 */
export function writeHeader(header: Omit<WeightsHeader, 'checksum' | 'bytes'>): {
  bytes: Uint8Array;
  checksum: number;
} {
  const fields = text(header);
  if (fields.length > TEXT_MAX) {
    throw new ShvqError(
      'BAD_INPUT',
      `Names and metadata have ${fields.length} bytes, more than ${TEXT_MAX}`,
    );
  }
  const coder = new RangeEncoder();
  codeText(new BitWriter(coder, TEXT_CONTEXTS), fields.slice());
  const code = coder.finish();
  const out = new ByteWriter();
  out.bytes([...MODEL_MAGIC, WEIGHTS_VERSION]);
  out.varint(fields.length);
  out.varint(code.length);
  out.bytes(code);
  const checksum = crc32c(out.finish());
  out.u32(checksum);
  return { bytes: out.finish(), checksum };
}
