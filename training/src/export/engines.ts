import { inline } from '../../../src/delivery/inline.ts';
import { chooseEngine } from '../../../src/runtime/choose.ts';
import type { EncoderEngine, PictureSource, Rect } from '../../../src/runtime/engine.ts';
import { openDecoderEngine } from '../../../src/runtime/open-decoder.ts';
import { openEncoderEngine } from '../../../src/runtime/open-encoder.ts';
import { planOf } from '../../../src/search/effort.ts';
import { KERNELS } from '../watch/evaluate.ts';
import type { ExportedModel } from './model.ts';

/** The integer codec, on the kernels where they are built; the reference gives the same bits. */
export async function openEngines({ decoder, encoder }: ExportedModel) {
  const choice = await chooseEngine(KERNELS, inline.kernels);
  return {
    decoder: await openDecoderEngine(choice, decoder),
    encoder: await openEncoderEngine(choice, decoder, encoder),
  };
}

/** A picture whose sides are multiples of 16 as one tile: where it lies, and its payload. */
export function encodeWhole(
  encoder: EncoderEngine,
  source: PictureSource,
  quality: number,
  effort: number,
): { tile: Rect; payload: Uint8Array } {
  const picture = encoder.open(source);
  for (const _ of picture.analyze());
  const tile = { x: 0, y: 0, width: source.width / 16, height: source.height / 16 };
  const coding = picture.encodeTile(tile, quality, planOf(effort));
  let step = coding.next();
  while (!step.done) step = coding.next();
  return { tile, payload: step.value };
}
