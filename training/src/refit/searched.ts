import { existsSync, readFileSync } from 'node:fs';
import { type Config, strideOf } from '../config.ts';
import { drawBatch, type ImageSet } from '../data/images.ts';
import { drawRate, qualityOf } from '../data/rates.ts';
import { encodeWhole, openEngines } from '../export/engines.ts';
import type { ExportedModel } from '../export/model.ts';
import { Rng } from '../rng.ts';
import { writeAtomically } from '../state/checkpoint.ts';

/** A crop of a training picture with the symbols that the encoder's search has found for it. */
export interface SearchedCrop {
  /** [side][side][3], RGB / 255 - 0.5. */
  pixels: () => Float32Array;
  rate: number;
  /** [side / stride][side / stride][C] */
  symbols: Uint8Array;
}

/** Seeds of the crops' streams lie this far from the run's own. */
const SEED = 1_000_003;
/** Their rates have streams of their own, or each crop would come at one rate alone. */
const RATE_SEED = 1;

/**
 * Random crops at random rates, encoded with the exported model as the SDK encodes: what a decoder
 * gets to see, which nearest centers are not. Symbols are kept in a file, from which a run that
 * goes on takes them.
 *
 * @param stopped Asked after each crop, between which the event loop turns: signals come in.
 * @returns None if it was stopped; nothing is kept then.
 * @throws RangeError for a run without `refitSearch`.
 */
export async function searchedCrops(
  { structure, run }: Config,
  model: () => ExportedModel,
  images: ImageSet,
  path: string,
  stopped: () => boolean = () => false,
): Promise<SearchedCrop[]> {
  const { refitSearch, crop: side } = run;
  if (!refitSearch) throw new RangeError('the run has no refitSearch');
  const { crops, effort } = refitSearch;
  const positions = (side / strideOf(structure)) ** 2;
  const bytes = positions * structure.channels;
  const kept = existsSync(path) ? readFileSync(path) : undefined;
  const search =
    kept?.length === crops * bytes ? undefined : await openSearch(model(), side, effort);
  const found: SearchedCrop[] = [];
  for (let i = 0; i < crops; i++) {
    const seed = run.seed + SEED * (i + 1);
    const pixels = () => drawBatch(images, 1, side, new Rng(seed), run.painted);
    const rate = drawRate(run, structure.rates, new Rng(seed + RATE_SEED));
    const quality = Math.round(qualityOf(rate, structure.rates));
    const symbols = search
      ? search(pixels(), quality)
      : new Uint8Array(kept!.subarray(i * bytes, (i + 1) * bytes));
    found.push({ pixels, rate, symbols });
    if (!search) continue;
    await new Promise((next) => setImmediate(next));
    if (stopped()) return [];
  }
  if (search)
    writeAtomically(
      path,
      found.map(({ symbols }) => symbols),
    );
  return found;
}

/** The SDK's encoder and decoder as a function from pixels and quality to symbols. */
async function openSearch(model: ExportedModel, side: number, effort: number) {
  const { decoder, encoder } = await openEngines(model);
  return (pixels: Float32Array, quality: number): Uint8Array => {
    const data = Uint8Array.from(pixels, (v) => Math.round((v + 0.5) * 255));
    const source = { width: side, height: side, step: 3, data } as const;
    const { tile, payload } = encodeWhole(encoder, source, quality, effort);
    const decoded = decoder.open(side, side, quality);
    decoded.decodeTile(tile, payload);
    const symbols = decoded.symbols(tile);
    decoded.close();
    return symbols;
  };
}

/** A random batch: pixels [batch, side, side, 3], rates, and symbols [batch, h, w, C] as integers. */
export function drawSearched(crops: readonly SearchedCrop[], batch: number, rng: Rng) {
  const drawn = Array.from({ length: batch }, () => crops[rng.below(crops.length)]);
  return {
    data: joined(drawn.map(({ pixels }) => pixels())),
    rates: Float32Array.from(drawn, ({ rate }) => rate),
    symbols: Int32Array.from(joined(drawn.map(({ symbols }) => symbols))),
  };
}

/** Arrays of one length one after the other. */
function joined(arrays: ArrayLike<number>[]): Float32Array {
  const out = new Float32Array(arrays.length * arrays[0].length);
  for (const [i, one] of arrays.entries()) out.set(one, i * one.length);
  return out;
}
