import { CHUNK, MODEL_ID_BYTES, QUALITY_MAX } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import { latentOf, tilePixels } from '../format/tiles.js';
import { type Chunk, writeImage } from '../format/write-image.js';
import { AlphaEncoder, isOpaque } from '../image/alpha.js';
import { fillHidden, hasHidden } from '../image/fill.js';
import { isGrey } from '../image/grey.js';
import type { Picture } from '../image/input.js';
import type { Step } from './drive.js';
import type { EncoderEngine, PictureEncoder, PictureSource } from './engine.js';

/** Either a quality, or the bytes that the file may have. */
export type Rate = { readonly quality: number } | { readonly targetBytes: number };

export interface EncodePlan {
  readonly rate: Rate;
  /** Price of a bit in the choice of symbols; 0: the nearest centers. */
  readonly lambda: number;
  readonly tileLog2: number;
  readonly metadata: readonly Chunk[];
}

/** Share of the work that the analysis takes; what is left is coding. */
const ANALYSIS_SHARE = 0.8;

function* encodeAlpha({ data, height, width }: Picture): Generator<Step, Chunk> {
  const alpha = new AlphaEncoder(width);
  for (let y = 0; y < height; y++) {
    alpha.write(data.subarray(y * width * 4, (y + 1) * width * 4));
    yield { pixels: width, done: 0 };
  }
  return { type: CHUNK.alpha, payload: alpha.finish() };
}

/** What the networks see: colours under alpha 0 are replaced by cheap ones. */
function visible(picture: Picture, opaque: boolean): PictureSource {
  const { data, height, width } = picture;
  if (opaque || !hasHidden(data)) return picture;
  return { data: fillHidden(data, width, height), height, step: 3, width };
}

/** The highest quality whose file is not larger than the target, by bisection. */
function* bisect(
  encode: (quality: number) => Generator<Step, Uint8Array<ArrayBuffer>>,
  targetBytes: number,
): Generator<Step, Uint8Array<ArrayBuffer>> {
  let low = 0;
  let high = QUALITY_MAX;
  let best: Uint8Array<ArrayBuffer> | undefined;
  let smallest = Number.POSITIVE_INFINITY;
  while (low <= high) {
    const quality = (low + high) >> 1;
    const file = yield* encode(quality);
    if (file.length <= targetBytes) {
      best = file;
      low = quality + 1;
    } else {
      smallest = Math.min(smallest, file.length);
      high = quality - 1;
    }
  }
  if (best) return best;
  throw new ShvqError(
    'LIMIT',
    `The smallest file has ${smallest} bytes, more than targetBytes = ${targetBytes}`,
  );
}

/**
 * Encodes a picture in steps between which the caller may stop.
 *
 * @returns The bytes of a .shv file.
 * @throws ShvqError LIMIT for a target that no quality reaches, BAD_INPUT
 */
export function* encodePicture(
  engine: EncoderEngine,
  picture: Picture,
  { lambda, metadata, rate, tileLog2 }: EncodePlan,
): Generator<Step, Uint8Array<ArrayBuffer>> {
  const { colorSpace, data, height, width } = picture;
  const size = data.length;
  const opaque = picture.step === 3 || isOpaque(data);
  const chunks = opaque ? metadata : [yield* encodeAlpha(picture), ...metadata];

  const source = visible(picture, opaque);
  const grey = isGrey(source);
  const work: PictureEncoder = engine.open(source);
  let pixels = 0;
  for (const done of work.analyze()) {
    const now = done * width * height;
    yield { pixels: now - pixels, done: ANALYSIS_SHARE * done };
    pixels = now;
    if (data.length !== size) {
      throw new ShvqError('BAD_INPUT', 'image.data was detached while it was read');
    }
  }

  const tileSize = 2 ** tileLog2;
  const columns = Math.ceil(width / tileSize);
  const count = columns * Math.ceil(height / tileSize);
  const geometry = { width, height, tiles: { size: tileSize, columns } };
  const modelId = engine.decoder.id.slice(0, 2 * MODEL_ID_BYTES);
  function* encode(quality: number): Generator<Step, Uint8Array<ArrayBuffer>> {
    const payloads: Uint8Array[] = [];
    for (let tile = 0; tile < count; tile++) {
      const rect = tilePixels(geometry, tile);
      const latent = latentOf(rect, engine.decoder.latent.stride);
      payloads.push(work.encodeTile(latent, quality, lambda));
      yield {
        pixels: rect.width * rect.height,
        done: ANALYSIS_SHARE + ((1 - ANALYSIS_SHARE) * (tile + 1)) / count,
      };
    }
    const fields = { width, height, quality, colorSpace, modelId, tileLog2, isGrey: grey };
    return writeImage(fields, chunks, payloads);
  }
  return 'quality' in rate ? yield* encode(rate.quality) : yield* bisect(encode, rate.targetBytes);
}
