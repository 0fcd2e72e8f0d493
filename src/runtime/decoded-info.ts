import type { ShvqError } from '../format/errors.js';
import type { DecodedInfo, ImageHeader, Metadata } from '../types.js';

/** What is known of a picture before its pixels are. @param size Pixels that are to be decoded. */
export function toInfo(
  { colorSpace, hasAlpha, quality }: ImageHeader,
  { width, height }: { readonly width: number; readonly height: number },
  errors: readonly ShvqError[],
  metadata: Metadata,
): DecodedInfo {
  return { width, height, colorSpace, quality, hasAlpha, errors, ...metadata };
}
