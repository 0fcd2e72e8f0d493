import { BitReader } from '../../entropy/adaptive.js';
import { RangeDecoder } from '../../entropy/range-decoder.js';
import { MODEL_MAGIC, WEIGHTS_VERSION } from '../../format/constants.js';
import { crc32c } from '../../format/crc32c.js';
import { ShvqError } from '../../format/errors.js';
import type { ResolvedLimits } from '../../format/limits.js';
import { ByteReader } from '../../format/reader.js';
import { LAGS_MAX, PERIOD_MAX, RATE_MAX, SHIFT_MAX } from '../coder/parameters.js';
import { codeText, TEXT_CONTEXTS } from '../coder/text.js';
import { DTYPES } from '../dtypes.js';
import type { Codebook } from '../types.js';
import type { Coding, Storage, TensorEntry, WeightsHeader } from './header.js';
import { indexShape, ownBase } from './header.js';
import {
  CODEBOOK_KINDS,
  POINT_MAX,
  RANK_MAX,
  SCALARS_MAX,
  SCALE_MAX,
  STORAGES,
  TEXT_MAX,
  VECTORS_MAX,
} from './layout.js';
import { rowOf } from './row.js';

const WHAT = 'The weights file';
/** Memory that a byte of the header's text takes once it is read: names and fields are objects. */
const TEXT_MEMORY = 64;

function corrupt(message: string, offset?: number): ShvqError {
  return new ShvqError('CORRUPT', message, offset === undefined ? {} : { offset });
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Reads the fields of the header's text; offsets in errors are those of the text. */
class FieldReader extends ByteReader {
  constructor(bytes: Uint8Array) {
    super(bytes, "The weights file's header");
  }

  /** Up to a zero byte. */
  name(): string {
    const end = this.bytes.indexOf(0, this.position);
    if (end < 0) throw corrupt('A name in the header has no end');
    const name = this.text(end - this.position);
    this.position++;
    return name;
  }

  signed(): number {
    return unzigzag(this.varint());
  }

  below(limit: number, what: string): number {
    const value = this.varint();
    if (value < limit) return value;
    throw corrupt(`The header holds ${value} as ${what}; it must be below ${limit}`);
  }

  step(): number {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.position, 4);
    const step = view.getFloat32(0, true);
    this.position += 4;
    if (step > 0 && step < Infinity) return step;
    throw corrupt(`The header holds ${step} as a step`);
  }

  codebook(): Codebook {
    const kind = CODEBOOK_KINDS[this.below(CODEBOOK_KINDS.length, 'a kind of codebook')]!;
    this.need(4);
    const step = this.step();
    if (kind === 'uniform') return { kind, step };
    const dimensions = kind === 'vector' ? this.u8() : 1;
    if (kind === 'vector' && (dimensions < 2 || dimensions > 16)) {
      throw corrupt(`The header holds vectors of ${dimensions} scalars`);
    }
    const count = this.below((kind === 'vector' ? VECTORS_MAX : SCALARS_MAX) + 1, 'centers');
    this.need(count * dimensions);
    const points = new Int32Array(count * dimensions);
    let last = 0;
    for (let i = 0; i < points.length; i++) {
      const point = kind === 'scalar' && i > 0 ? last + 1 + this.varint() : this.signed();
      if (Math.abs(point) >= POINT_MAX) throw corrupt(`The header holds ${point} as a center`);
      points[i] = point;
      last = point;
    }
    return kind === 'scalar' ? { kind, step, points } : { kind, step, dimensions, points };
  }

  coding(): Coding {
    const rank = this.below(RANK_MAX + 1, 'a rank');
    const axes = Array.from({ length: rank }, () => this.u8());
    if (!axes.every((_, axis) => axes.includes(axis))) throw corrupt('A scan lacks an axis');
    const period = this.below(PERIOD_MAX + 1, 'a period');
    const lags = Array.from({ length: this.below(LAGS_MAX + 1, 'lags') }, () => this.varint());
    const rate = this.below(RATE_MAX + 1, 'a rate');
    const shift = this.below(SHIFT_MAX + 1, 'a shift');
    if (period === 0 || lags.some((lag) => lag === 0 || lag >= 2 ** 31)) {
      throw corrupt('The header holds an invalid period or lag');
    }
    return { axes, period, lags, rate, shift };
  }

  /** Reads which of some things a tensor has: 0 for the next that none has had, else a number and one. */
  references<T>(things: readonly T[], what: string): () => T {
    let next = 0;
    return () => {
      const field = this.below(things.length + 1, what);
      const number = field === 0 ? next++ : field - 1;
      if (number < things.length) return things[number]!;
      throw corrupt(`The header holds no more of what is ${what}`);
    };
  }

  /** @param most As many as there are tensors to have them: more would be memory for nothing. */
  list<T>(most: number, what: string, read: () => T): T[] {
    return Array.from({ length: this.below(most + 1, what) }, read);
  }
}

function readFields(text: Uint8Array): Omit<WeightsHeader, 'checksum' | 'bytes'> {
  const reader = new FieldReader(text);
  const metadata = reader.text(reader.varint());
  const count = reader.varint();
  reader.need(3 * count);
  const each = Array.from({ length: count });
  const names = each.map(() => reader.name());
  if (new Set(names).size !== count) throw corrupt('Two tensors have the same name');
  const kinds = reader.take(count);
  const ranks = reader.take(count);
  const shapes = Array.from(ranks, (rank) => {
    if (rank > RANK_MAX) throw corrupt(`A tensor has rank ${rank}, more than ${RANK_MAX}`);
    return Array.from({ length: rank }, () => reader.varint());
  });
  const place = (i: number) => ({ tensor: names[i]! });
  const storages = Array.from(kinds, (kind, i) => {
    const storage = STORAGES[kind >> 4];
    const info = DTYPES[kind & 15];
    if (storage && info) return { storage, info };
    throw new ShvqError('UNSUPPORTED', `A tensor is of kind ${kind}`, place(i));
  });
  const column = <T>(of: (storage: Storage, i: number) => boolean, read: (i: number) => T) =>
    storages.map(({ storage }, i) => (of(storage, i) ? read(i) : undefined));
  const isPlanes = (storage: Storage): boolean => storage === 'planes';
  const isCoded = (storage: Storage): boolean => storage !== 'planes';
  const isQuantized = (storage: Storage): boolean => storage === 'quantized';
  const number = (of: (storage: Storage) => boolean): number =>
    storages.filter(({ storage }) => of(storage)).length;
  const codebooks = reader.list(number(isQuantized), 'a number of codebooks', () =>
    reader.codebook(),
  );
  const codings = reader.list(number(isCoded), 'a number of codings', () => reader.coding());

  // Then field by field, each for the tensors that have it.
  const raws = column(isPlanes, () => reader.u8());
  const codebookOf = reader.references(codebooks, 'a codebook');
  const tensorCodebooks = column(isQuantized, codebookOf);
  const ofVectors = (_: Storage, i: number): boolean => tensorCodebooks[i]?.kind === 'vector';
  const tensorAxes = column(ofVectors, (i) => reader.below(shapes[i]!.length, 'an axis'));
  const codingOf = reader.references(codings, 'a coding');
  const tensorCodings = column(isCoded, codingOf);
  const bases = column(isCoded, () => reader.signed());
  const scales = column(isCoded, () => reader.below(SCALE_MAX + 1, 'a scale'));

  const tensors = names.map((name, i): TensorEntry => {
    const shape = shapes[i]!;
    const { storage, info } = storages[i]!;
    const { dtype, range } = info;
    if (storage === 'planes') {
      const raw = raws[i]!;
      if (raw > info.bytes) throw corrupt('A tensor stores more bytes than it has');
      return { storage, name, dtype, shape, raw };
    }
    const codebook = tensorCodebooks[i];
    const axis = tensorAxes[i] ?? 0;
    const coding = tensorCodings[i]!;
    const scale = scales[i]!;
    const inner = codebook ? indexShape(shape, codebook, axis) : shape;
    if (coding.axes.length !== shape.length || rowOf(inner, coding) % coding.period !== 0) {
      throw new ShvqError('CORRUPT', "The coding does not fit the tensor's shape", place(i));
    }
    if (codebook) {
      if (dtype !== 'float32') {
        throw new ShvqError('UNSUPPORTED', `A quantized tensor is of type ${dtype}`, place(i));
      }
      const base = codebook.kind === 'vector' ? 0 : bases[i]! + ownBase(codebook);
      return { storage: 'quantized', name, dtype, shape, codebook, axis, coding, base, scale };
    }
    if (!range) throw new ShvqError('CORRUPT', `A sequence is of type ${dtype}`, place(i));
    return { storage: 'sequence', name, dtype, shape, coding, base: bases[i]!, scale };
  });

  const blocks: number[] = [];
  for (let left = count; left > 0; ) {
    const size = reader.below(left + 1, 'tensors of a block');
    if (size === 0) throw corrupt('A block holds no tensor');
    blocks.push(size);
    left -= size;
  }
  if (reader.remaining > 0) throw corrupt('The header holds more than it should');
  return { metadata, tensors, blocks };
}

/**
 * Bytes of a file's header, its checksum included; undefined where more of the file is needed to
 * tell.
 *
 * @param bytes The beginning of a file; 14 bytes are always enough.
 * @throws ShvqError BAD_MAGIC, UNSUPPORTED, CORRUPT
 */
export function headerLength(bytes: Uint8Array): number | undefined {
  const reader = new ByteReader(bytes, WHAT);
  try {
    const magic = reader.take(3);
    if (MODEL_MAGIC.some((byte, i) => magic[i] !== byte)) {
      throw new ShvqError('BAD_MAGIC', 'Not a .shvw file', { offset: 0 });
    }
    const version = reader.u8();
    if (version !== WEIGHTS_VERSION) {
      throw new ShvqError('UNSUPPORTED', `Version ${version} of .shvw`, { offset: 3 });
    }
    reader.varint();
    const coded = reader.varint();
    return reader.position + coded + 4;
  } catch (error) {
    if (error instanceof ShvqError && error.code === 'TRUNCATED') return undefined;
    throw error;
  }
}

/**
 * Reads the header of a file of version 1.
 *
 * @param bytes The file, or its first `headerLength` bytes.
 * @throws ShvqError BAD_MAGIC, UNSUPPORTED, TRUNCATED, CORRUPT, LIMIT
 */
export function readHeader(bytes: Uint8Array, limits: ResolvedLimits): WeightsHeader {
  const length = headerLength(bytes);
  if (length === undefined || length > bytes.length) {
    throw new ShvqError('TRUNCATED', `${WHAT} ends within its header`, { offset: bytes.length });
  }
  const reader = new ByteReader(bytes, WHAT);
  reader.take(4);
  const size = reader.varint();
  const code = reader.take(reader.varint());
  const end = reader.position;
  const checksum = reader.u32();
  if (checksum !== crc32c(bytes.subarray(0, end))) {
    throw corrupt(`${WHAT} fails its header checksum`, end);
  }
  if (size > TEXT_MAX) throw corrupt(`The header's text has ${size} bytes`);
  const memory = size * TEXT_MEMORY;
  if (memory > limits.maxMemory) {
    throw new ShvqError(
      'LIMIT',
      `The header needs ${memory} bytes, more than limits.maxMemory = ${limits.maxMemory}`,
    );
  }
  const text = new Uint8Array(size);
  codeText(new BitReader(new RangeDecoder(code), TEXT_CONTEXTS), text);
  return { ...readFields(text), checksum, bytes: end + 4 };
}
