import { createDecoder } from 'shvq/decode';
import { createEncoder } from 'shvq/encode';
import type { Pixels } from '../src/cli/metrics/pixels.js';
import { decoderSettings, encoderSettings, type ModelChoice } from './model.js';
import { loadPeer, PEER_NAMES, type Peer, type PeerName } from './peers.js';

export const OWN = 'shvq';
export type CodecName = typeof OWN | PeerName;
export const CODEC_NAMES: readonly CodecName[] = [OWN, ...PEER_NAMES];

/** Loads this codec or a peer, ready for the first picture. */
export async function loadCodec(name: CodecName, choice: ModelChoice): Promise<Peer> {
  if (name !== OWN) return loadPeer(name);
  const encoder = createEncoder(await encoderSettings(choice));
  const decoder = createDecoder(await decoderSettings(choice));
  const { build } = await decoder.load();
  await encoder.load();
  return {
    name: OWN,
    version: build,
    encode: (image: Pixels, quality: number) => encoder.encode(image, { quality }),
    decode: (file: Uint8Array) => decoder.decode(file),
  };
}
