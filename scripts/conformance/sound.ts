import { CHUNK } from '../../src/format/constants.js';
import type { FixedHeader } from '../../src/format/header.js';
import { shortId } from '../../src/format/model-id.js';
import { type Chunk, writeImage } from '../../src/format/write-image.js';
import { Random } from '../../test/support/random.js';
import * as pictures from './pictures.js';
import { type CaseModel, decoding, encoding, folderOf, type Recipe } from './recipe.js';

/** Cases of files in order. */

const random = new Random(3);
const ICC = random.bytes(600);
const EXIF = random.bytes(90);
const XMP = new TextEncoder().encode('<x:xmpmeta xmlns:x="adobe:ns:meta/">shvq</x:xmpmeta>');

/** The cases of the frozen test model: they cost little and cover every feature. */
export function smallCases(model: CaseModel): Recipe[] {
  const decode = decoding.bind(undefined, model);
  const encode = encoding.bind(undefined, model);
  const { flat, grey, noise, noisyAlpha, scene, sticker, transparent, withoutAlpha } = pictures;
  return [
    decode('1x1', 'The smallest picture', () => scene(1, 1), { quality: 50 }),
    decode('1x2048', 'A column of pixels', () => scene(1, 2048), { quality: 50 }),
    decode('2048x1', 'A row of pixels', () => scene(2048, 1), { quality: 50 }),
    decode('17x31', 'Odd sides, less than two latent positions', () => scene(17, 31), {
      quality: 75,
    }),
    ...[0, 1, 33, 50, 99, 100].map((quality) =>
      decode(`q${quality}`, `Odd sides at quality ${quality}`, () => scene(77, 53), { quality }),
    ),
    decode('513x385', 'Odd sides, more than a strip', () => scene(513, 385), { quality: 60 }),
    decode('tiles-64', 'Twenty tiles of 64 pixels, the last ones cut', () => scene(300, 250), {
      quality: 70,
      tileLog2: 6,
    }),
    decode(
      'tiles-128',
      'Tiles of 128 pixels, one of them a latent position wide',
      () => scene(257, 130),
      { quality: 40, tileLog2: 7 },
    ),
    decode(
      'tiles-1024',
      'Four tiles of the default size, over a megapixel',
      () => scene(1100, 1030),
      { quality: 30 },
    ),
    decode('grey', 'R = G = B, flagged in the header', () => grey(90, 60), { quality: 60 }),
    decode('noise', 'Noise at the highest quality', () => noise(96, 80), { quality: 100 }),
    ...Object.entries({
      black: [0, 0, 0],
      white: [255, 255, 255],
      red: [255, 0, 0],
      blue: [0, 0, 255],
    }).map(([name, rgb]) =>
      decode(name, `Flat ${name} at quality 100`, () => flat(64, 48, rgb), { quality: 100 }),
    ),
    decode('alpha-soft', 'A soft edge on a transparent ground', () => sticker(96), { quality: 60 }),
    decode('alpha-noise', 'Alpha of all values', () => noisyAlpha(40, 30, false), { quality: 30 }),
    decode('alpha-binary', 'Alpha of two values', () => noisyAlpha(50, 33, true), { quality: 30 }),
    decode('alpha-none', 'Nothing to be seen', () => transparent(45, 20), { quality: 80 }),
    decode('icc', 'An ICC profile', () => scene(32, 16), { quality: 50, icc: ICC }),
    decode('exif', 'An Exif block', () => scene(32, 16), { quality: 50, exif: EXIF }),
    decode('xmp', 'An XMP packet', () => scene(32, 16), { quality: 50, xmp: XMP }),
    decode('chunks', 'Alpha and all metadata, in several tiles', () => sticker(130), {
      quality: 50,
      icc: ICC,
      exif: EXIF,
      xmp: XMP,
      tileLog2: 6,
    }),
    decode(
      'display-p3',
      'Pixels in Display P3',
      () => ({ ...scene(40, 30), colorSpace: 'display-p3' }),
      { quality: 50 },
    ),
    ...Object.entries({
      corner: { x: 299, y: 249, width: 1, height: 1 },
      inner: { x: 70, y: 66, width: 50, height: 40 },
      across: { x: 101, y: 37, width: 97, height: 201 },
      whole: { x: 0, y: 0, width: 300, height: 250 },
    }).map(([name, region]) =>
      decode(
        `region-${name}`,
        'A region, which is the crop of the whole',
        () => scene(300, 250),
        { quality: 70, tileLog2: 6 },
        { region },
      ),
    ),
    ...[2, 4, 8].flatMap((shrink) => {
      const scale = 1 / shrink;
      const about = `At 1/${shrink}`;
      const tiled = { quality: 70, tileLog2: 6 };
      return [
        decode(`scale-1-${shrink}`, about, () => scene(299, 250), tiled, { scale }),
        decode(`scale-1-${shrink}-alpha`, about, () => sticker(99), { quality: 60 }, { scale }),
        decode(`scale-1-${shrink}-1x1`, about, () => scene(1, 1), { quality: 50 }, { scale }),
        decode(
          `scale-1-${shrink}-region`,
          `${about}, a region of what is then the picture`,
          () => scene(299, 250),
          tiled,
          { scale, region: { x: 11, y: 7, width: 21, height: 24 } },
        ),
      ];
    }),
    decode(
      'scale-noise',
      'Symbols at their extremes, at 1/8',
      () => noise(96, 80),
      { quality: 100 },
      { scale: 1 / 8 },
    ),
    decode('scale-grey', 'Grey at 1/4', () => grey(90, 60), { quality: 60 }, { scale: 1 / 4 }),
    decode(
      'scale-bad',
      'A scale that is none',
      () => scene(1, 1),
      { quality: 50 },
      { scale: 1 / 3 },
    ),
    ...crafted(model),

    encode('1x1', 'The smallest picture', () => scene(1, 1), { quality: 50 }),
    ...[0, 50, 100].map((quality) =>
      encode(`q${quality}`, `Odd sides at quality ${quality}`, () => scene(77, 53), { quality }),
    ),
    ...[0, 9].map((effort) =>
      encode(`effort-${effort}`, `Effort ${effort}`, () => scene(77, 53), { quality: 60, effort }),
    ),
    encode('rgb', 'Three channels', () => withoutAlpha(scene(50, 37)), { quality: 70 }),
    encode('grey', 'R = G = B', () => grey(50, 37), { quality: 70 }),
    encode('noise', 'Noise at the highest quality', () => noise(48, 40), { quality: 100 }),
    encode('alpha', 'A soft edge on a transparent ground', () => sticker(60), { quality: 60 }),
    encode('tiles', 'Tiles of 64 pixels', () => scene(150, 70), { quality: 60, tileLog2: 6 }),
    encode('bytes', 'As large as is allowed', () => scene(120, 80), { targetBytes: 400 }),
    encode(
      'metadata',
      'All metadata and Display P3',
      () => scene(20, 10),
      { quality: 50, colorSpace: 'display-p3', icc: 'icc.bin', exif: 'exif.bin', xmp: 'xmp.bin' },
      { 'icc.bin': ICC, 'exif.bin': EXIF, 'xmp.bin': XMP },
    ),
    encode('bad-quality', 'A quality out of range', () => scene(4, 4), { quality: 101 }),
  ];
}

/** Files that no encoder of ours makes: symbols far from likely, and what decoders must skip. */
function crafted(model: CaseModel): Recipe[] {
  const fields: Omit<FixedHeader, 'hasChunks'> = {
    width: 100,
    height: 70,
    quality: 50,
    colorSpace: 'srgb',
    modelId: shortId(model.id),
    tileLog2: 6,
    isGrey: false,
  };
  const craft = (
    name: string,
    about: string,
    tiles: Uint8Array[],
    changed: Partial<typeof fields> = {},
    chunks: Chunk[] = [],
  ): Recipe => ({
    name: `${folderOf(model)}-${name}`,
    about,
    model,
    call: 'decode',
    make: async () => ({ 'input.shv': writeImage({ ...fields, ...changed }, chunks, tiles) }),
  });
  const payloads = (length: number, seed: number) => {
    const source = new Random(seed);
    return [0, 1, 2, 3].map(() => source.bytes(length));
  };
  const empty = [0, 1, 2, 3].map(() => new Uint8Array(0));
  return [
    ...[0, 50, 100].map((quality) =>
      craft(
        `random-symbols-q${quality}`,
        `Random bytes for an entropy code, quality ${quality}: symbols far from likely`,
        payloads(3000, 100 + quality),
        { quality },
      ),
    ),
    craft('ended-code', 'Entropy codes that end early: zeros follow', payloads(20, 9)),
    craft('empty-code', 'Entropy codes of no bytes', empty),
    craft('random-alpha', 'Random bytes for alpha', payloads(30, 4), {}, [
      { type: CHUNK.alpha, payload: new Random(5).bytes(900) },
    ]),
    craft('unknown-chunk', 'A chunk that decoders may skip', payloads(30, 4), {}, [
      { type: 200, payload: new Uint8Array(5) },
    ]),
  ];
}

/** The cases of a model that the package ships: a photo, and what is special to such a model. */
export function shippedCases(model: CaseModel): Recipe[] {
  const decode = decoding.bind(undefined, model);
  const encode = encoding.bind(undefined, model);
  const { flat, noise, photo, sticker } = pictures;
  return [
    ...[0, 50, 100].map((quality) =>
      decode(`q${quality}`, `A photo at quality ${quality}`, () => photo(180, 60, 173, 119), {
        quality,
      }),
    ),
    decode('1x1', 'The smallest picture', () => photo(300, 200, 1, 1), { quality: 50 }),
    decode('thin', 'Three rows of pixels', () => photo(100, 200, 400, 3), { quality: 50 }),
    ...[2, 4, 8].map((shrink) =>
      decode(
        `scale-1-${shrink}`,
        `A photo at 1/${shrink}`,
        () => photo(180, 60, 173, 119),
        { quality: 50 },
        { scale: 1 / shrink },
      ),
    ),
    decode('noise', 'Noise at the highest quality', () => noise(48, 48), { quality: 100 }),
    decode('red', 'Flat red', () => flat(40, 40, [255, 0, 0]), { quality: 100 }),
    decode('tiles', 'Tiles of 64 pixels and alpha', () => sticker(130), {
      quality: 60,
      tileLog2: 6,
    }),
    encode('photo', 'A photo at the default effort', () => photo(180, 60, 77, 53), { quality: 60 }),
    encode('nearest', 'A photo at effort 0', () => photo(180, 60, 77, 53), {
      quality: 60,
      effort: 0,
    }),
  ];
}

/** A model whose weights, shifts and clamps are at their extremes: saturation everywhere. */
export function syntheticCases(model: CaseModel): Recipe[] {
  const { flat, noise, scene } = pictures;
  const decode = decoding.bind(undefined, model);
  const scales = [2, 4, 8].map((shrink) =>
    decode(
      `noise-scale-1-${shrink}`,
      `Noise at 1/${shrink}`,
      () => noise(64, 48),
      { quality: 100 },
      { scale: 1 / shrink },
    ),
  );
  const whole = [0, 50, 100].flatMap((quality) => [
    decode(`scene-q${quality}`, 'A scene', () => scene(65, 49), { quality }),
    decode(`noise-q${quality}`, 'Noise', () => noise(64, 48), { quality }),
    encoding(model, `scene-q${quality}`, 'A scene', () => scene(41, 33), { quality }),
    encoding(model, `white-q${quality}`, 'White', () => flat(32, 20, [255, 255, 255]), { quality }),
  ]);
  return [...whole, ...scales];
}

/** A model whose symbols stand for vectors: what differs from scalars, and a damaged tile. */
export function vectorCases(model: CaseModel): Recipe[] {
  const { flat, noise, photo, scene, sticker } = pictures;
  const decode = decoding.bind(undefined, model);
  const encode = encoding.bind(undefined, model);
  const damaged = async () => {
    const file = await model.encoder.encode(scene(140, 60), { quality: 70, tileLog2: 6 });
    file[file.length - 1]! ^= 1;
    return { 'input.shv': file };
  };
  const name = folderOf(model);
  return [
    decode('1x1', 'The smallest picture', () => scene(1, 1), { quality: 50 }),
    ...[0, 33, 50, 100].map((quality) =>
      decode(`q${quality}`, `Odd sides at quality ${quality}`, () => scene(77, 53), { quality }),
    ),
    decode('photo', 'A photo', () => photo(180, 60, 173, 119), { quality: 60 }),
    decode('noise', 'Noise at the highest quality', () => noise(96, 80), { quality: 100 }),
    decode('white', 'Flat white at quality 100', () => flat(64, 48, [255, 255, 255]), {
      quality: 100,
    }),
    decode('tiles', 'Tiles of 64 pixels and alpha', () => sticker(130), {
      quality: 60,
      tileLog2: 6,
    }),
    decode(
      'region',
      'A region, which is the crop of the whole',
      () => scene(300, 250),
      { quality: 70, tileLog2: 6 },
      { region: { x: 101, y: 37, width: 97, height: 201 } },
    ),
    decode(
      'scale-1-8',
      'At 1/8: means of boxes, for such a model has no preview head',
      () => scene(99, 70),
      { quality: 70 },
      { scale: 1 / 8 },
    ),
    {
      name: `${name}-random-symbols`,
      about: 'Random bytes for an entropy code: symbols far from likely',
      model,
      call: 'decode',
      make: async () => ({
        'input.shv': writeImage(
          {
            width: 60,
            height: 40,
            quality: 50,
            colorSpace: 'srgb',
            modelId: shortId(model.id),
            tileLog2: 6,
            isGrey: false,
          },
          [],
          [new Random(77).bytes(900)],
        ),
      }),
    },
    { name: `${name}-bad-tile`, about: 'A bit of a tile', model, call: 'decode', make: damaged },
    {
      name: `${name}-bad-tile-partial`,
      about: 'A bit of a tile, and what can be decoded is wanted',
      model,
      call: 'decode',
      options: { partial: true },
      make: damaged,
    },
    ...[0, 50, 100].map((quality) =>
      encode(`q${quality}`, `Odd sides at quality ${quality}`, () => scene(77, 53), { quality }),
    ),
    encode('nearest', 'The nearest centers', () => scene(77, 53), { quality: 60, effort: 0 }),
    encode('tiles', 'Tiles of 64 pixels', () => scene(150, 70), { quality: 60, tileLog2: 6 }),
  ];
}
