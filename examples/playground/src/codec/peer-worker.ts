/// <reference lib="webworker" />
import { matchSize } from '../../../../bench/match.js';
import { fidelity } from './fidelity.js';
import { loadPeer, type PeerName } from './peers.js';
import { sha256 } from './sha256.js';
import type { Encoded, Raster } from './types.js';

/** What the page asks: measure a decoded picture, or run a peer at a size. */
export type Request =
  | { id: number; kind: 'measure'; source: Raster; decoded: Raster }
  | { id: number; kind: 'peer'; source: Raster; codec: PeerName; bytes: number };

export type Reply = { id: number; value: unknown } | { id: number; error: string };

self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
  try {
    const value = await answer(request);
    self.postMessage({ id: request.id, value } satisfies Reply);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    self.postMessage({ id: request.id, error: text } satisfies Reply);
  }
};

/** A file within this part of the size is near enough. */
const TOLERANCE = 0.02;

async function answer(request: Request): Promise<unknown> {
  const { source } = request;
  if (request.kind === 'measure') return fidelity(source, request.decoded);

  const peer = await loadPeer(request.codec);
  const times = new Map<number, number>();
  const encode = async (quality: number): Promise<Uint8Array<ArrayBuffer>> => {
    const start = performance.now();
    const file = await peer.encode(source, quality);
    times.set(quality, performance.now() - start);
    return file;
  };
  const { quality, file } = await matchSize(encode, request.bytes, TOLERANCE);
  const encodeMs = times.get(quality)!;
  const start = performance.now();
  const decoded = await peer.decode(file);
  const decodeMs = performance.now() - start;
  const { codec } = request;
  const values = { fidelity: fidelity(source, decoded), sha256: await sha256(decoded.data) };
  return { codec, quality, file, decoded, encodeMs, decodeMs, ...values } satisfies Encoded;
}
