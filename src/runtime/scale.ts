import { ShvqError } from '../format/errors.js';
import type { DecoderModel } from '../model/layers.js';
import { hasPreview } from '../model/preview.js';
import type { EngineShrink, Rect } from './engine.js';

/** How a smaller picture is made: by the engine from its symbols, then by averages of boxes. */
export interface Scaling {
  /** How many times smaller the picture is, in each direction. */
  readonly shrink: 1 | 2 | 4 | 8;
  /** The engine's part of it. */
  readonly engine: EngineShrink;
  /** What is left: shrink / engine, the side of the boxes. */
  readonly box: number;
}

const SHRINKS = [1, 2, 4, 8] as const;

/** @throws ShvqError BAD_INPUT for a scale that is not 1, 1/2, 1/4 or 1/8 */
export function scalingOf(scale: unknown, model: DecoderModel): Scaling {
  const shrink = SHRINKS.find((known) => scale === 1 / known);
  if (shrink === undefined) {
    throw new ShvqError('BAD_INPUT', `scale is ${String(scale)}, not 1, 1/2, 1/4 or 1/8`);
  }
  const previews = (shrink === 4 || shrink === 8) && hasPreview(model, shrink);
  const engine = previews ? shrink : 1;
  return { shrink, engine, box: shrink / engine };
}

/** The size of a picture made smaller. */
export function scaledSize(
  { width, height }: { readonly width: number; readonly height: number },
  shrink: number,
): { width: number; height: number } {
  return { width: Math.ceil(width / shrink), height: Math.ceil(height / shrink) };
}

/** The pixels, within a picture, of those that a rectangle of the picture made smaller covers. */
export function enlarge(
  { x, y, width, height }: Rect,
  factor: number,
  picture: { readonly width: number; readonly height: number },
): Rect {
  return {
    x: x * factor,
    y: y * factor,
    width: Math.min(width * factor, picture.width - x * factor),
    height: Math.min(height * factor, picture.height - y * factor),
  };
}
