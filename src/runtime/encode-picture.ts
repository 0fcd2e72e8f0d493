import { CHUNK, QUALITY_MAX } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import { shortId } from '../format/model-id.js';
import { latentOf, tilePixels } from '../format/tiles.js';
import { type Chunk, writeImage } from '../format/write-image.js';
import { AlphaEncoder, isOpaque } from '../image/alpha-encoder.js';
import { fillHidden, hasHidden } from '../image/fill.js';
import { isGrey } from '../image/grey.js';
import type { Picture } from '../image/input.js';
import { planOf, type SearchPlan } from '../search/effort.js';
import type { Step } from './drive.js';
import type { EncoderEngine, PictureEncoder, PictureSource } from './engine.js';

/** Either a quality, or the bytes that the file may have. */
export type Rate = { readonly quality: number } | { readonly targetBytes: number };

export interface EncodePlan {
  readonly rate: Rate;
  readonly search: SearchPlan;
  readonly tileLog2: number;
  readonly metadata: readonly Chunk[];
}

/** Part of what is left, 0..1, that a trial for a target says it is: nobody knows how many it takes. */
const TRIAL_SHARE = 0.25;

/** Work of coding a tile once, and of an iteration of the search, in that of the analysis. */
const CODING_WORK = 0.25;
const ITERATION_WORK = 0.8;

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

type EncodeAt = (quality: number, plan: SearchPlan) => Generator<Step, Uint8Array<ArrayBuffer>>;

/** A file, and the quality that it was encoded at. */
interface Fit {
  readonly quality: number;
  readonly file: Uint8Array<ArrayBuffer>;
}

/** The file of a quality that is not larger than the target where the next one's is, by bisection. */
function* bisect(
  encode: EncodeAt,
  plan: SearchPlan,
  targetBytes: number,
): Generator<Step, Fit | undefined> {
  let low = 0;
  let high = QUALITY_MAX;
  let best: Fit | undefined;
  while (low <= high) {
    const quality = (low + high) >> 1;
    const file = yield* encode(quality, plan);
    if (file.length <= targetBytes) {
      best = { quality, file };
      low = quality + 1;
    } else {
      high = quality - 1;
    }
  }
  return best;
}

/**
 * The file of a quality that is not larger than the target where the next one's is. A search in a
 * closed loop takes its time: the nearest centers say where to begin, for it makes smaller files than
 * they.
 */
function* fitTarget(
  encode: EncodeAt,
  plan: SearchPlan,
  targetBytes: number,
): Generator<Step, Uint8Array<ArrayBuffer>> {
  let smallest = Number.POSITIVE_INFINITY;
  const measured: EncodeAt = function* (quality, search) {
    const file = yield* encode(quality, search);
    smallest = Math.min(smallest, file.length);
    return file;
  };
  const start = yield* bisect(measured, plan.iterations > 0 ? planOf(0) : plan, targetBytes);
  let best = start?.file;
  const first = plan.iterations > 0 ? (start?.quality ?? 0) : QUALITY_MAX + 1;
  for (let quality = first; quality <= QUALITY_MAX; quality++) {
    const file = yield* measured(quality, plan);
    if (file.length > targetBytes) break;
    best = file;
  }
  if (best) return best;
  throw new ShvqError(
    'LIMIT',
    `The smallest file has ${smallest} bytes, more than targetBytes = ${targetBytes}`,
  );
}

/** Looks before each step whether the picture's pixels are still there. @throws ShvqError BAD_INPUT */
function* whileIntact<T>(
  { data, height, step: bytes, width }: Picture,
  steps: Generator<Step, T>,
): Generator<Step, T> {
  try {
    for (;;) {
      if (data.length !== width * height * bytes) {
        throw new ShvqError('BAD_INPUT', 'image.data was detached while it was read');
      }
      const step = steps.next();
      if (step.done) return step.value;
      yield step.value;
    }
  } finally {
    steps.return(undefined as T);
  }
}

/**
 * Encodes a picture in steps between which the caller may stop.
 *
 * @returns The bytes of a .shv file.
 * @throws ShvqError LIMIT for a target that no quality reaches, BAD_INPUT
 */
export function encodePicture(
  engine: EncoderEngine,
  picture: Picture,
  plan: EncodePlan,
): Generator<Step, Uint8Array<ArrayBuffer>> {
  return whileIntact(picture, encodeSteps(engine, picture, plan));
}

function* encodeSteps(
  engine: EncoderEngine,
  picture: Picture,
  plan: EncodePlan,
): Generator<Step, Uint8Array<ArrayBuffer>> {
  const { data } = picture;
  const opaque = picture.step === 3 || isOpaque(data);
  const chunks = opaque ? plan.metadata : [yield* encodeAlpha(picture), ...plan.metadata];
  const source = visible(picture, opaque);
  const work = engine.open(source);
  try {
    return yield* encodeOpen(engine, work, { ...picture, ...source }, chunks, plan);
  } finally {
    work.close();
  }
}

/** Analyzes and codes what the networks see of a picture. */
function* encodeOpen(
  engine: EncoderEngine,
  work: PictureEncoder,
  source: Picture,
  chunks: readonly Chunk[],
  { rate, search, tileLog2 }: EncodePlan,
): Generator<Step, Uint8Array<ArrayBuffer>> {
  const { colorSpace, height, width } = source;
  const grey = isGrey(source);
  const analysisShare = 1 / (1 + CODING_WORK + ITERATION_WORK * search.iterations);
  let pixels = 0;
  for (const done of work.analyze()) {
    const now = done * width * height;
    yield { pixels: now - pixels, done: analysisShare * done };
    pixels = now;
  }

  const tileSize = 2 ** tileLog2;
  const columns = Math.ceil(width / tileSize);
  const count = columns * Math.ceil(height / tileSize);
  const geometry = { width, height, tiles: { size: tileSize, columns } };
  const modelId = shortId(engine.decoder.id);
  let before = analysisShare;
  const encode: EncodeAt = function* (quality, plan) {
    const share = (1 - before) * ('quality' in rate ? 1 : TRIAL_SHARE);
    const doneAt = (tiles: number) => before + (share * tiles) / count;
    const payloads: Uint8Array[] = [];
    for (let tile = 0; tile < count; tile++) {
      const rect = tilePixels(geometry, tile);
      const latent = latentOf(rect, engine.decoder.latent.stride);
      const area = rect.width * rect.height;
      const coding = work.encodeTile(latent, quality, plan);
      let step = coding.next();
      while (!step.done) {
        yield { pixels: area, done: doneAt(tile + step.value) };
        step = coding.next();
      }
      payloads.push(step.value);
      yield { pixels: area, done: doneAt(tile + 1) };
    }
    before += share;
    const fields = { width, height, quality, colorSpace, modelId, tileLog2, isGrey: grey };
    return writeImage(fields, chunks, payloads);
  };
  return 'quality' in rate
    ? yield* encode(rate.quality, search)
    : yield* fitTarget(encode, search, rate.targetBytes);
}
