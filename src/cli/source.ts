import type sharpType from 'sharp';
import { ShvqError } from '../format/errors.js';
import type { ColorSpace, Metadata } from '../types.js';
import { upright } from './exif.js';
import { colorSpaceOf } from './icc.js';

/** A picture read from PNG, JPEG, WebP and so on; the first frame of an animation. */
export interface Source {
  width: number;
  height: number;
  /** RGB or RGBA, eight bits, turned upright. */
  data: Uint8Array;
  colorSpace: ColorSpace;
  metadata: Metadata;
}

/**
 * Reads a picture. sRGB and Display P3 keep their numbers; other colour spaces are converted to
 * sRGB, unless the profile is kept, which then says what the numbers mean.
 *
 * @param keepMetadata Hand on ICC profile, Exif and XMP.
 * @throws ShvqError ENVIRONMENT if sharp is not installed, BAD_INPUT if it cannot read the picture.
 */
export async function readSource(bytes: Uint8Array, keepMetadata: boolean): Promise<Source> {
  const sharp = await loadSharp();
  try {
    const { icc, exif, xmp, space } = await sharp(bytes).metadata();
    const known = icc && colorSpaceOf(icc);
    // The profile of a grey or CMYK picture does not fit the RGB that is made of it.
    const isRgb = space === 'srgb' || space === 'rgb16';
    const keepNumbers = icc === undefined || (isRgb && (known !== undefined || keepMetadata));
    const { data, info } = await sharp(bytes, { ignoreIcc: keepNumbers })
      .autoOrient()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const metadata: Metadata = {};
    if (keepMetadata && icc && keepNumbers) metadata.icc = icc;
    if (keepMetadata && exif) metadata.exif = upright(withoutPrefix(exif));
    if (keepMetadata && xmp) metadata.xmp = xmp;
    return {
      width: info.width,
      height: info.height,
      data,
      colorSpace: (keepNumbers && known) || 'srgb',
      metadata,
    };
  } catch (cause) {
    throw new ShvqError('BAD_INPUT', `Cannot read the picture: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** JPEG files carry Exif behind these six bytes. */
function withoutPrefix(exif: Uint8Array): Uint8Array {
  const prefix = [0x45, 0x78, 0x69, 0x66, 0, 0];
  return prefix.every((byte, i) => exif[i] === byte) ? exif.subarray(prefix.length) : exif;
}

async function loadSharp(): Promise<typeof sharpType> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new ShvqError(
      'ENVIRONMENT',
      'Reading PNG, JPEG, WebP, AVIF, TIFF and GIF takes the package sharp: npm install sharp',
      { cause },
    );
  }
}
