import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createDecoder } from '../../src/decode.js';
import { inline } from '../../src/delivery/inline.js';
import { inlineEncoder } from '../../src/delivery/inline-encoder.js';
import { SHIPPED_DECODERS, SHIPPED_ENCODERS } from '../../src/delivery/shipped.js';
import { createEncoder } from '../../src/encode.js';
import { memoryBound } from '../../src/format/limits.js';
import { shortId } from '../../src/format/model-id.js';
import { parseDecoderModel, parseEncoderModel } from '../../src/model/build.js';
import { chooseEngine } from '../../src/runtime/choose.js';
import { openDecoderEngine } from '../../src/runtime/open-decoder.js';
import { paint } from '../support/pictures.js';

/** Decibels that a photo comes to at the highest quality: the paper's autoencoder ends at 33. */
const BEST: Record<string, number> = { default: 35, paper: 32, psnr: 36 };

it('carries at least one model', () => {
  expect(SHIPPED_DECODERS.length).toBeGreaterThan(0);
});

describe.each(SHIPPED_DECODERS)('the shipped model $profile', ({ modelId, name, profile }) => {
  const pair = SHIPPED_ENCODERS.find((encoder) => encoder.modelId === modelId);

  it('has the id and the profile that it is listed under', async () => {
    const model = parseDecoderModel(await inline.models[name]());
    expect(shortId(model.id)).toBe(modelId);
    expect(model.profile).toBe(profile);
    expect(parseEncoderModel(await inlineEncoder.models[pair!.name]()).decoderId).toBe(model.id);
  });

  it('decodes within the memory that headers promise', async () => {
    const engine = await openDecoderEngine(
      await chooseEngine(undefined, inline.kernels),
      parseDecoderModel(await inline.models[name]()),
    );
    for (const [width, height] of [
      [1, 1],
      [768, 512],
      [4000, 3000],
      [1, 2 ** 20],
    ] as const) {
      const tiles = Math.ceil(width / 1024) * Math.ceil(height / 1024);
      const { workspace } = memoryBound(width, height, tiles);
      expect(engine.workspace(width, height)).toBeLessThanOrEqual(workspace);
    }
  });

  it('makes larger and better files of a photo as quality rises', async () => {
    const { data, info } = await sharp('examples/photo/kodim23.png')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const encoder = createEncoder({ profile });
    const decoder = createDecoder();
    let before = { bytes: 0, psnr: 0 };
    for (let quality = 0; quality <= 100; quality += 20) {
      const file = await encoder.encode({ ...info, data }, { quality });
      const { data: pixels } = await decoder.decode(file);
      let error = 0;
      for (let i = 0; i < data.length; i++) {
        error += (data[i]! - pixels[Math.floor(i / 3) * 4 + (i % 3)]!) ** 2;
      }
      const psnr = 10 * Math.log10((255 ** 2 * data.length) / error);
      expect(file.length).toBeGreaterThan(before.bytes);
      expect(psnr).toBeGreaterThan(before.psnr);
      before = { bytes: file.length, psnr };
    }
    expect(before.psnr).toBeGreaterThan(BEST[profile]!);
  });

  it.each([
    [0, 0, 0],
    [255, 255, 255],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 0],
    [255, 0, 255],
    [0, 255, 255],
  ])('represents flat (%i, %i, %i) at every quality', async (...rgb) => {
    const image = paint(96, 96, (_x, _y, c) => rgb[c] ?? 255);
    for (const quality of [0, 50, 100]) {
      const { data } = await createDecoder().decode(
        await createEncoder({ profile }).encode(image, { quality }),
      );
      const sums = [0, 0, 0];
      for (let i = 0; i < data.length; i++) if (i % 4 < 3) sums[i % 4]! += data[i]!;
      sums.forEach((sum, c) => {
        expect(Math.abs((sum * 4) / data.length - rgb[c]!), `quality ${quality}`).toBeLessThan(12);
      });
    }
  });
});
