import { decode, encode } from 'shvq/worker';
import { sha256 } from './sha256.js';
import type { Encoded, Raster } from './types.js';

export interface Settings {
  /** 0..100, or the bytes that the file may have. */
  readonly rate: { quality: number } | { targetBytes: number };
  /** 0..9 */
  readonly effort: number;
}

export interface Watch {
  readonly signal: AbortSignal;
  onEncode(fraction: number): void;
  onDecode(fraction: number): void;
}

/** Encodes and decodes a picture with shvq; the fidelity is measured elsewhere. */
export async function runShvq(
  source: Raster,
  settings: Settings,
  { signal, onEncode, onDecode }: Watch,
): Promise<Omit<Encoded, 'fidelity'>> {
  const { rate, effort } = settings;
  let start = performance.now();
  const file = await encode(source, { ...rate, effort, signal, onProgress: onEncode });
  const encodeMs = performance.now() - start;
  start = performance.now();
  const decoded = await decode(file, { signal, onProgress: onDecode });
  const decodeMs = performance.now() - start;
  const { quality } = decoded;
  const hash = await sha256(decoded.data);
  return { codec: 'shvq', quality, file, decoded, encodeMs, decodeMs, sha256: hash };
}
