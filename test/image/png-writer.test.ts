import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { PngWriter } from '../../src/service-worker/png.js';
import type { DecodedInfo } from '../../src/types.js';
import { expectSameBytes } from '../support/codec.js';
import { Random } from '../support/random.js';

const TINY: DecodedInfo = {
  width: 4,
  height: 4,
  hasAlpha: false,
  colorSpace: 'display-p3',
  quality: 50,
  errors: [],
};

/** A picture as strips of so many rows, as a PNG. */
function write(info: DecodedInfo, data: Uint8ClampedArray<ArrayBuffer>, rows: number): Uint8Array {
  const { height, width } = info;
  const writer = new PngWriter(info);
  const parts: Uint8Array[] = [writer.head()];
  for (let y = 0; y < height; y += rows) {
    const count = Math.min(rows, height - y);
    const strip = data.slice(y * width * 4, (y + count) * width * 4);
    parts.push(writer.rows({ y, width, height: count, data: strip }));
  }
  return Buffer.concat(parts);
}

describe('the PNG writer', () => {
  it.each([
    [1, 1, true],
    [7, 5, false],
    [300, 50, true],
    [9000, 17, true],
    [9000, 17, false],
  ])('keeps %i x %i pixels, alpha %s', async (width, height, hasAlpha) => {
    const random = new Random(width);
    const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
      i % 4 === 3 && !hasAlpha ? 255 : random.integer(0, 255),
    );
    const info = { width, height, hasAlpha, colorSpace: 'srgb', quality: 50, errors: [] } as const;
    const png = write(info, data, 16);
    const decoded = sharp(png, { failOn: 'warning' });
    expect((await decoded.metadata()).channels).toBe(hasAlpha ? 4 : 3);
    expectSameBytes(new Uint8ClampedArray(await decoded.ensureAlpha().raw().toBuffer()), data);
  });

  it('keeps profile and Exif', async () => {
    const source = sharp({ create: { width: 4, height: 4, channels: 3, background: '#102030' } });
    const tagged = await source
      .withIccProfile('p3')
      .withExif({ IFD0: { Copyright: 'me' } })
      .png()
      .toBuffer();
    const { exif, icc } = await sharp(tagged).metadata();
    const tiff = exif!.subarray(exif!.indexOf('Exif') === 0 ? 6 : 0);
    const info = { ...TINY, icc: icc!, exif: tiff };
    const png = write(info, new Uint8ClampedArray(64).fill(99), 16);
    const metadata = await sharp(png).metadata();
    expect(metadata.icc!.equals(icc!)).toBe(true);
    expect(metadata.exif!.equals(exif!)).toBe(true);
  });

  it('marks Display P3 without a profile', () => {
    const png = Buffer.from(new PngWriter(TINY).head());
    const at = png.indexOf('cICP');
    expect([...png.subarray(at + 4, at + 8)]).toEqual([12, 13, 0, 1]);
  });
});
