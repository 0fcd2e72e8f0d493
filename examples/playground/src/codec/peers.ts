import type { CodecName, Raster } from './types.js';

/** A codec to compare with, at its package's defaults but for the quality. */
export interface Peer {
  /** @param quality 0..100 */
  encode(picture: Raster, quality: number): Promise<Uint8Array<ArrayBuffer>>;
  decode(file: Uint8Array<ArrayBuffer>): Promise<Raster>;
}

export type PeerName = Exclude<CodecName, 'shvq'>;
export const PEER_NAMES: readonly PeerName[] = ['jpeg', 'webp', 'avif'];

/** Each peer is fetched when it is first asked for. */
const MODULES: Record<PeerName, () => Promise<Module>> = {
  avif: () => import('@jsquash/avif'),
  webp: () => import('@jsquash/webp'),
  jpeg: () => import('@jsquash/jpeg'),
};

interface Module {
  encode(picture: ImageData, options: { quality: number }): Promise<ArrayBuffer>;
  decode(file: ArrayBuffer): Promise<ImageData | null>;
}

export async function loadPeer(name: PeerName): Promise<Peer> {
  const module = await MODULES[name]();
  return {
    async encode({ data, width, height }, quality) {
      return new Uint8Array(await module.encode(new ImageData(data, width, height), { quality }));
    },
    async decode(file) {
      const picture = await module.decode(file.buffer);
      if (!picture) throw new Error(`The ${name} decoder gave no picture`);
      return picture as Raster;
    },
  };
}
