import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { colorSpaceOf } from '../../src/cli/icc.js';
import { encodePng } from '../../src/cli/png.js';
import { readSource } from '../../src/cli/source.js';
import type { DecodedImage } from '../../src/types.js';

/** A gradient with a mark in its top left corner. */
function picture(width: number, height: number, channels: 3 | 4): Uint8Array {
  return Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return pixel === 0 ? 250 : (pixel * 3 + (i % channels) * 40) % 240;
  });
}

function raw(width: number, height: number, channels: 3 | 4) {
  return sharp(picture(width, height, channels), { raw: { width, height, channels } });
}

describe('reading pictures', () => {
  it('keeps the pixels of lossless files', async () => {
    for (const channels of [3, 4] as const) {
      for (const file of [
        await raw(7, 5, channels).png().toBuffer(),
        await raw(7, 5, channels).webp({ lossless: true, exact: true }).toBuffer(),
        await raw(7, 5, channels).tiff({ compression: 'lzw' }).toBuffer(),
      ]) {
        const source = await readSource(file, false);
        expect(source).toMatchObject({ width: 7, height: 5, colorSpace: 'srgb', metadata: {} });
        expect([...source.data]).toEqual([...picture(7, 5, channels)]);
      }
    }
  });

  it('makes RGB bytes of grey, 16-bit and CMYK files', async () => {
    const flat = sharp({
      create: { width: 3, height: 2, channels: 3, background: { r: 200, g: 100, b: 50 } },
    });
    const deep = await readSource(
      await flat.clone().toColourspace('rgb16').png().toBuffer(),
      false,
    );
    expect([...deep.data.subarray(0, 4)]).toEqual([200, 100, 50, 200]);
    for (const space of ['b-w', 'grey16']) {
      const grey = await readSource(await flat.clone().toColourspace(space).png().toBuffer(), true);
      expect(grey.data.length).toBe(3 * 2 * 3);
      expect(new Set(grey.data).size).toBe(1);
    }
    const cmyk = await readSource(await flat.clone().toColourspace('cmyk').jpeg().toBuffer(), true);
    expect(cmyk.data.length).toBe(3 * 2 * 3);
    expect(Math.abs(cmyk.data[0]! - 200)).toBeLessThan(10);
  });

  it('turns the picture upright and says so in the Exif that it keeps', async () => {
    const exif = { IFD0: { Copyright: 'someone' } };
    const file = await raw(7, 5, 3)
      .withExif(exif)
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    expect((await sharp(file).metadata()).orientation).toBe(6);
    const source = await readSource(file, true);
    expect(source).toMatchObject({ width: 5, height: 7 });
    expect([...source.data.subarray(4 * 3, 5 * 3)]).toEqual([250, 250, 250]);
    const { exif: kept } = source.metadata;
    const again = await sharp(await sharp(encodePng(decoded(source, kept))).toBuffer()).metadata();
    expect(again.orientation ?? 1).toBe(1);
    expect(Buffer.from(kept!).toString('latin1')).toMatch(/^(II|MM)/);
  });

  it('tells Display P3 and keeps its numbers', async () => {
    const p3 = await raw(4, 4, 3).withIccProfile('p3').png().toBuffer();
    const numbers = await sharp(p3, { ignoreIcc: true }).raw().toBuffer();
    const source = await readSource(p3, true);
    expect(source.colorSpace).toBe('display-p3');
    expect([...source.data]).toEqual([...numbers]);
    expect(colorSpaceOf(source.metadata.icc!)).toBe('display-p3');
    const srgb = await raw(4, 4, 3).withIccProfile('srgb').png().toBuffer();
    expect((await readSource(srgb, false)).colorSpace).toBe('srgb');
  });

  it('converts other profiles to sRGB unless they are kept', async () => {
    const icc = Buffer.from((await sharp(await p3File()).metadata()).icc!);
    // Another red: neither sRGB nor Display P3 any more.
    const tag = icc.indexOf('rXYZ', 128);
    icc.writeInt32BE(0.609 * 65536, icc.readUInt32BE(tag + 4) + 8);
    expect(colorSpaceOf(icc)).toBeUndefined();
    const pixels = picture(4, 4, 4);
    const file = encodePng(
      decoded({ width: 4, height: 4, data: opaque(pixels) }, undefined, Uint8Array.from(icc)),
    );
    const numbers = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    const kept = await readSource(file, true);
    expect([...kept.data]).toEqual([...numbers]);
    expect([...kept.metadata.icc!]).toEqual([...icc]);
    const converted = await readSource(file, false);
    expect([...converted.data]).not.toEqual([...numbers]);
    expect(converted.metadata).toEqual({});
  });

  it('refuses what is no picture', async () => {
    await expect(readSource(Buffer.from('nothing'), false)).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
  });
});

describe('colour profiles', () => {
  it('that are broken are unknown', () => {
    for (const length of [0, 10, 128, 140]) {
      expect(colorSpaceOf(new Uint8Array(length))).toBeUndefined();
    }
    expect(colorSpaceOf(new Uint8Array(400).fill(255))).toBeUndefined();
  });
});

describe('the PNG writer', () => {
  it('is read back bit for bit, with and without alpha', async () => {
    for (const hasAlpha of [false, true]) {
      const data = hasAlpha ? picture(33, 9, 4) : opaque(picture(33, 9, 4));
      const image = { ...decoded({ width: 33, height: 9, data }), hasAlpha };
      const back = await sharp(encodePng(image)).ensureAlpha().raw().toBuffer();
      expect([...back]).toEqual([...data]);
    }
  });

  it('carries metadata', async () => {
    const xmp = new TextEncoder().encode('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');
    const icc = new Uint8Array((await sharp(await p3File()).metadata()).icc!);
    const image = {
      ...decoded({ width: 2, height: 2, data: new Uint8Array(16) }, undefined, icc),
      xmp,
    };
    const metadata = await sharp(encodePng(image)).metadata();
    expect([...metadata.icc!]).toEqual([...icc]);
    expect([...metadata.xmp!]).toEqual([...xmp]);
  });
});

async function p3File(): Promise<Uint8Array> {
  return raw(4, 4, 3).withIccProfile('p3').png().toBuffer();
}

function opaque(rgba: Uint8Array): Uint8Array {
  return rgba.map((value, i) => (i % 4 === 3 ? 255 : value));
}

/** RGB or RGBA pixels as the decoder hands them out. */
function decoded(
  image: { width: number; height: number; data: Uint8Array },
  exif?: Uint8Array,
  icc?: Uint8Array,
): DecodedImage {
  const step = image.data.length / (image.width * image.height);
  const data = new Uint8ClampedArray(image.width * image.height * 4).fill(255);
  for (let i = 0; i < image.width * image.height; i++) {
    data.set(image.data.subarray(i * step, (i + 1) * step), i * 4);
  }
  return {
    width: image.width,
    height: image.height,
    data,
    colorSpace: 'srgb',
    quality: 75,
    hasAlpha: false,
    errors: [],
    ...(exif && { exif }),
    ...(icc && { icc }),
  };
}
