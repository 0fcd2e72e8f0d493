import { CHUNK } from '../../src/format/constants.js';
import { crc32c } from '../../src/format/crc32c.js';
import { type FixedHeader, parseHeader } from '../../src/format/header.js';
import { shortId } from '../../src/format/model-id.js';
import { type Chunk, writeImage } from '../../src/format/write-image.js';
import { ByteWriter } from '../../src/format/writer.js';
import type { ImageHeader } from '../../src/types.js';
import { scene, sticker } from './pictures.js';
import { type CaseModel, type CaseOptions, folderOf, type Recipe } from './recipe.js';

/** Cases of files that must be refused, or that a decoder delivers only in part. */

const PAYLOAD = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** A sound file and what its header says. */
interface Sound {
  readonly bytes: Uint8Array;
  readonly header: ImageHeader;
}

/** @param model The small model; the file has six tiles, an ICC profile and alpha. */
async function sound({ encoder }: CaseModel): Promise<Sound> {
  const picture = { ...scene(150, 70) };
  const alpha = sticker(150).data;
  const data = picture.data.map((value, i) => (i % 4 === 3 ? alpha[i]! : value));
  const bytes = await encoder.encode(
    { ...picture, data },
    { quality: 60, tileLog2: 6, icc: PAYLOAD },
  );
  return { bytes, header: parseHeader(bytes) };
}

/** What changes bytes: a copy of the file with some of them exclusive-ored. */
function flip(bytes: Uint8Array, at: number, mask = 1): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= mask;
  return copy;
}

function set(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

export function damagedCases(model: CaseModel): Recipe[] {
  const modelId = shortId(model.id);
  const fields: Omit<FixedHeader, 'hasChunks'> = {
    width: 100,
    height: 70,
    quality: 50,
    colorSpace: 'srgb',
    modelId,
    tileLog2: 6,
    isGrey: false,
  };
  const tiles = [0, 1, 2, 3].map(() => PAYLOAD);
  const icc = { type: CHUNK.icc, payload: PAYLOAD };

  const damage = (
    name: string,
    about: string,
    make: (file: Sound) => Uint8Array,
    options?: CaseOptions,
  ): Recipe => ({
    name: `${folderOf(model)}-bad-${name}`,
    about,
    model,
    call: 'decode',
    ...(options && { options }),
    make: async () => ({ 'input.shv': make(await sound(model)) }),
  });
  /** Fields that no writer of ours writes, with checksums that are right. */
  const craft = (
    name: string,
    about: string,
    changed: Partial<typeof fields>,
    chunks: Chunk[] = [],
    payloads: Uint8Array[] = tiles,
  ) => damage(name, about, () => writeImage({ ...fields, ...changed }, chunks, payloads));

  return [
    damage('empty', 'No bytes at all', () => new Uint8Array(0)),
    damage('cut-magic', 'Two bytes', ({ bytes }) => bytes.slice(0, 2)),
    damage('cut-fixed-header', 'Ends within the fixed header', ({ bytes }) => bytes.slice(0, 8)),
    damage('cut-directory', 'Ends within the directory', ({ bytes, header }) =>
      bytes.slice(0, header.fixedBytes + 9),
    ),
    damage('cut-chunk', 'Ends within a chunk', ({ bytes, header }) =>
      bytes.slice(0, header.headerBytes + 3),
    ),
    damage('cut-tile', 'Ends within the fourth tile', ({ bytes, header }) =>
      bytes.slice(0, header.tiles.offsets[3]! + 2),
    ),
    damage('cut-end', 'The last byte is missing', ({ bytes }) => bytes.slice(0, -1)),
    damage('trailing', 'A byte after the end', ({ bytes }) => Uint8Array.of(...bytes, 0)),
    damage('magic', 'A weights file by its magic', ({ bytes }) => set(bytes, 2, 0x57)),
    damage('png', 'A PNG', () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0)),
    damage('version', 'Version 2', ({ bytes }) => set(bytes, 3, 2)),
    damage('flag-reserved', 'The bit that must be zero', ({ bytes }) => flip(bytes, 4, 128)),
    damage('color-space', 'A colour space that is none', ({ bytes }) => flip(bytes, 4, 4)),
    damage('tile-size', 'Tiles of 2^11 pixels', ({ bytes }) => set(bytes, 4, (5 << 3) | 1)),
    damage('quality', 'Quality 101', ({ bytes }) => set(bytes, 5, 101)),
    damage('header-bit', 'A bit of the quality: the header fails its check', ({ bytes }) =>
      flip(bytes, 5),
    ),
    damage('directory-bit', 'A bit of a tile length: the header fails its check', (file) =>
      flip(file.bytes, file.header.headerBytes - 12),
    ),
    damage('icc-bit', 'A bit of the ICC profile', ({ bytes, header }) =>
      flip(bytes, header.chunks.find(({ type }) => type === CHUNK.icc)!.offset),
    ),
    damage('alpha-bit', 'A bit of the alpha', ({ bytes, header }) =>
      flip(bytes, header.chunks.find(({ type }) => type === CHUNK.alpha)!.offset + 1),
    ),
    damage('tile-bit', 'A bit of the third tile', ({ bytes, header }) =>
      flip(bytes, header.tiles.offsets[2]! + 1, 16),
    ),
    damage(
      'tile-bit-region',
      'A bit of a tile that the region needs',
      ({ bytes, header }) => flip(bytes, header.tiles.offsets[2]! + 1, 16),
      { region: { x: 130, y: 10, width: 10, height: 10 } },
    ),
    damage(
      'tile-bit-partial',
      'A bit of the third tile; the others are wanted',
      ({ bytes, header }) => flip(bytes, header.tiles.offsets[2]! + 1, 16),
      { partial: true },
    ),
    damage(
      'cut-tile-partial',
      'Ends within the fourth tile; what is there is wanted',
      ({ bytes, header }) => bytes.slice(0, header.tiles.offsets[3]! + 2),
      { partial: true },
    ),
    damage(
      'alpha-bit-partial',
      'A bit of the alpha; the colour is wanted',
      ({ bytes, header }) =>
        flip(bytes, header.chunks.find(({ type }) => type === CHUNK.alpha)!.offset + 1),
      { partial: true },
    ),
    damage('region', 'A region that is not within the picture', ({ bytes }) => bytes, {
      region: { x: 149, y: 0, width: 2, height: 1 },
    }),
    damage('max-pixels', 'More pixels than are allowed', ({ bytes }) => bytes, {
      limits: { maxPixels: 150 * 70 - 1 },
    }),
    damage('max-bytes', 'A longer file than is allowed', ({ bytes }) => bytes, {
      limits: { maxBytes: 50 },
    }),
    damage('max-memory', 'More memory than is allowed', ({ bytes }) => bytes, {
      limits: { maxMemory: 20_000 },
    }),
    craft(
      'code-start',
      'An entropy code that begins with four bytes of 255',
      {},
      [],
      [PAYLOAD, Uint8Array.of(255, 255, 255, 255, 0), PAYLOAD, PAYLOAD],
    ),
    craft('zero-width', 'No columns', { width: 0 }),
    craft('zero-height', 'No rows', { height: 0 }),
    craft('absurd-size', '2^32 - 1 pixels square', { width: 2 ** 32 - 1, height: 2 ** 32 - 1 }),
    craft('directory-size', 'A directory of more tiles than the file has bytes', {
      width: 8191,
      height: 8191,
    }),
    craft('model', 'A model that does not exist', { modelId: 'deadbeef' }),
    craft('chunk-odd', 'An unknown chunk that must be known', {}, [
      { type: 201, payload: PAYLOAD },
    ]),
    craft('chunk-twice', 'Two ICC profiles', {}, [icc, icc]),
    craft(
      'chunk-count',
      'Sixty-five chunks',
      {},
      Array.from({ length: 65 }, () => ({ type: 200, payload: PAYLOAD })),
    ),
    damage('varint-long', 'A width that is not in its shortest form', () => longWidth(modelId)),
  ];
}

/** A file of one tile whose width is written in more bytes than it needs. */
function longWidth(modelId: string): Uint8Array {
  const { bytes, tile } = { bytes: new ByteWriter(), tile: PAYLOAD };
  bytes.bytes([0x53, 0x48, 0x56, 1, 0, 50]);
  for (let i = 0; i < 8; i += 2) bytes.u8(Number.parseInt(modelId.slice(i, i + 2), 16));
  bytes.bytes([0x80 | 60, 0, 40]);
  const seed = crc32c(bytes.finish());
  bytes.varint(tile.length);
  bytes.u32(crc32c(tile, seed));
  bytes.u16(crc32c(bytes.finish()) & 0xffff);
  bytes.bytes(tile);
  return bytes.finish();
}
