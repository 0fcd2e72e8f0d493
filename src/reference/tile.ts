import { chooseSymbol, flatPrices, type Prices } from '../entropy/choice.js';
import { applyGain, countBelow, scaleIndex } from '../entropy/distribution.js';
import type { Quantizer } from '../entropy/quantizer.js';
import { RangeDecoder } from '../entropy/range-decoder.js';
import { RangeEncoder } from '../entropy/range-encoder.js';
import type { ContextModel } from '../model/layers.js';
import { neighbourhood, predict } from './context.js';
import { type Tensor, zeros } from './tensor.js';

/** What one symbol is coded with. */
export interface SymbolContext {
  /** Index in the tile's [height][width][channels]. */
  readonly at: number;
  readonly channel: number;
  /** Mean in units of 2^-10 of the quantizer's scale. */
  readonly mean: number;
  /** Index of the scale, 0..63. */
  readonly scale: number;
}

/**
 * Visits the symbols of a tile in coding order (docs/format.md, section 7.4). `code` returns the
 * symbol that it read or wrote; what follows is predicted from it.
 *
 * @returns The symbols, [height][width][channels].
 */
function visit(
  model: ContextModel,
  quantizer: Quantizer,
  width: number,
  height: number,
  code: (symbol: SymbolContext) => number,
): Uint8Array {
  const { channels, gains, logGains, size, values } = quantizer;
  const v = zeros(width, height, channels);
  const symbols = new Uint8Array(width * height * channels);
  for (let wave = 0; wave <= width - 1 + 2 * (height - 1); wave++) {
    const first = Math.max(0, Math.ceil((wave - width + 1) / 2));
    const last = Math.min(height - 1, wave >> 1);
    const neighbours: Int16Array[] = [];
    for (let y = first; y <= last; y++) neighbours.push(neighbourhood(model, v, wave - 2 * y, y));
    for (let group = 0; group < model.groups.length; group++) {
      const start = group * model.groupSize;
      for (let y = first; y <= last; y++) {
        const position = (y * width + wave - 2 * y) * channels;
        const before = v.data.subarray(position, position + start);
        const parameters = predict(model, group, neighbours[y - first]!, before);
        for (let i = 0; i < model.groupSize; i++) {
          const channel = start + i;
          const mean = applyGain(parameters[i]!, gains[channel]!);
          const scale = scaleIndex(parameters[model.groupSize + i]! + logGains[channel]!);
          const symbol = code({ at: position + channel, channel, mean, scale });
          symbols[position + channel] = symbol;
          v.data[position + channel] = values[channel * size + symbol]!;
        }
      }
    }
  }
  return symbols;
}

/**
 * Decodes a tile of width x height latent positions.
 *
 * @returns Symbols, [height][width][channels], each below the codebook's size.
 * @throws ShvqError CORRUPT where the payload cannot be an arithmetic code.
 */
export function decodeTile(
  model: ContextModel,
  quantizer: Quantizer,
  width: number,
  height: number,
  payload: Uint8Array,
): Uint8Array {
  const coder = new RangeDecoder(payload);
  return visit(model, quantizer, width, height, ({ mean, scale }) => {
    let low = 0;
    let high = quantizer.size;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (coder.isAtLeast(countBelow(quantizer, middle, mean, scale))) low = middle;
      else high = middle;
    }
    coder.consume(
      countBelow(quantizer, low, mean, scale),
      countBelow(quantizer, low + 1, mean, scale),
    );
    return low;
  });
}

/** The cell that a symbol was coded with; its ideal cost is log2(2^20 / (high - low)) bits. */
export type CellObserver = (low: number, high: number) => void;

/**
 * Quantizes a tile's latent and codes it.
 *
 * @param latent The tile's part of the latent y, units of 2^-10.
 * @param observe Sees each symbol's cumulative counts.
 * @param prices Of a bit in the choice of symbols; without them the nearest centers are taken.
 */
export function encodeTile(
  model: ContextModel,
  quantizer: Quantizer,
  latent: Tensor,
  observe?: CellObserver,
  prices: Prices = flatPrices(0, latent.width * latent.height, quantizer.channels),
): { payload: Uint8Array; symbols: Uint8Array } {
  const coder = new RangeEncoder();
  const { width, height } = latent;
  const symbols = visit(model, quantizer, width, height, ({ at, channel, mean, scale }) => {
    const position = (at - channel) / quantizer.channels;
    const price = (prices.positions[position]! * prices.channels[channel]!) >> 8;
    const symbol = chooseSymbol(quantizer, channel, latent.data[at]!, mean, scale, price);
    const low = countBelow(quantizer, symbol, mean, scale);
    const high = countBelow(quantizer, symbol + 1, mean, scale);
    observe?.(low, high);
    coder.encode(low, high);
    return symbol;
  });
  return { payload: coder.finish(), symbols };
}
