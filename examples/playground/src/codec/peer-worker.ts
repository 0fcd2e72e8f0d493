/// <reference lib="webworker" />
import { fidelity } from './fidelity.js';
import { matchSize } from './match.js';
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

async function answer(request: Request): Promise<unknown> {
  const { source } = request;
  if (request.kind === 'measure') return fidelity(source, request.decoded);

  const peer = await loadPeer(request.codec);
  const { quality, file, encodeMs } = await matchSize(
    (quality) => peer.encode(source, quality),
    request.bytes,
  );
  const start = performance.now();
  const decoded = await peer.decode(file);
  const decodeMs = performance.now() - start;
  const { codec } = request;
  const values = { fidelity: fidelity(source, decoded), sha256: await sha256(decoded.data) };
  return { codec, quality, file, decoded, encodeMs, decodeMs, ...values } satisfies Encoded;
}
