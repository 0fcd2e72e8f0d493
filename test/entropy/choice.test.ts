import { describe, expect, it } from 'vitest';
import { chooseSymbol, flatPrices } from '../../src/entropy/choice.js';
import { applyGain } from '../../src/entropy/distribution.js';
import { nearestCenter, quantizerAt } from '../../src/entropy/quantizer.js';
import { decodeTile, encodeTile } from '../../src/reference/tile.js';
import { syntheticModel, TINY } from '../support/models.js';
import { Random } from '../support/random.js';
import { sparseLatent } from '../support/tiles.js';

const model = syntheticModel(21, TINY).decoder;
const quantizer = quantizerAt(model, 70);

/** Scale 2^(-6.5 + 26 / 4) = 1 unit of the quantizer. */
const ONE = 26;

describe('choice of symbols', () => {
  it('is the nearest center where bits are free', () => {
    const random = new Random(1);
    for (let i = 0; i < 1000; i++) {
      const y = random.integer(-32768, 32767);
      const channel = random.integer(0, model.latent.channels - 1);
      const z = applyGain(y, quantizer.gains[channel]!);
      const symbol = chooseSymbol(quantizer, channel, y, random.integer(-9999, 9999), 20, 0);
      expect(symbol).toBe(nearestCenter(z, quantizer.boundaries));
    }
  });

  it('moves towards zero or the mean, as far as it costs less', () => {
    const zero = (quantizer.size - 1) / 2;
    const random = new Random(2);
    let moved = 0;
    let far = 0;
    for (let i = 0; i < 5000; i++) {
      const channel = random.integer(0, model.latent.channels - 1);
      const y = random.integer(-3000, 3000);
      const mean = random.integer(-3000, 3000);
      const nearest = nearestCenter(applyGain(y, quantizer.gains[channel]!), quantizer.boundaries);
      const mode = nearestCenter(mean, quantizer.boundaries);
      const step = chooseSymbol(quantizer, channel, y, mean, ONE, 20000) - nearest;
      const directions = [0, Math.sign(zero - nearest), Math.sign(mode - nearest)];
      expect(directions).toContain(Math.sign(step));
      moved += Math.abs(step);
      far += Number(Math.abs(step) > 1);
    }
    expect(moved).toBeGreaterThan(100);
    expect(far).toBeGreaterThan(0);
  });

  it('spends fewer bits and more error as the price rises', () => {
    const [width, height] = [12, 12];
    const channels = model.latent.channels;
    const data = sparseLatent(new Random(3), quantizer, width * height, 1.5);
    const latent = { width, height, channels, data };
    const results = [0, 473, 2000, 8000].map((price) => {
      const prices = flatPrices(price, width * height, channels);
      const { payload } = encodeTile(model.context, quantizer, latent, undefined, prices);
      const symbols = decodeTile(model.context, quantizer, width, height, payload);
      const error = symbols.reduce((sum, symbol, i) => {
        const channel = i % channels;
        const z = applyGain(data[i]!, quantizer.gains[channel]!);
        return sum + (z - quantizer.centers[symbol]!) ** 2;
      }, 0);
      return { bits: payload.length * 8, error };
    });
    for (let i = 1; i < results.length; i++) {
      expect(results[i]!.bits).toBeLessThan(results[i - 1]!.bits);
      expect(results[i]!.error).toBeGreaterThan(results[i - 1]!.error);
    }
  });
});
