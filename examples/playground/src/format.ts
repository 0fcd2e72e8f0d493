/** Numbers as people read them. */

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1e6) return `${(count / 1000).toFixed(count < 1e5 ? 1 : 0)} KB`;
  return `${(count / 1e6).toFixed(2)} MB`;
}

export function bitsPerPixel(
  count: number,
  { width, height }: { width: number; height: number },
): string {
  return ((count * 8) / (width * height)).toFixed(3);
}

export function milliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function decibels(value: number): string {
  return value === Number.POSITIVE_INFINITY ? 'lossless' : value.toFixed(2);
}

/** MS-SSIM in dB, which spreads what lies just below 1. */
export function similarity(value: number): number {
  return -10 * Math.log10(1 - value);
}
