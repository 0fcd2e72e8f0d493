import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Pixels } from '../src/cli/metrics/pixels.js';

/** A codec of @jsquash at its defaults, but for the quality. */
export interface Peer {
  name: string;
  version: string;
  /** @param quality 0..100 */
  encode(image: Pixels, quality: number): Promise<Uint8Array>;
  decode(file: Uint8Array): Promise<Pixels>;
}

interface PeerModules {
  encode: {
    init(module: WebAssembly.Module): unknown;
    default(image: Pixels, options: { quality: number }): Promise<ArrayBuffer>;
  };
  decode: {
    init(module: WebAssembly.Module): unknown;
    default(file: ArrayBuffer): Promise<Pixels>;
  };
}

/** The WebAssembly files that each package picks in Node, where the host hands them in. */
const PEERS = {
  avif: { encoder: 'codec/enc/avif_enc.wasm', decoder: 'codec/dec/avif_dec.wasm' },
  jxl: { encoder: 'codec/enc/jxl_enc.wasm', decoder: 'codec/dec/jxl_dec.wasm' },
  webp: { encoder: 'codec/enc/webp_enc_simd.wasm', decoder: 'codec/dec/webp_dec.wasm' },
  jpeg: { encoder: 'codec/enc/mozjpeg_enc.wasm', decoder: 'codec/dec/mozjpeg_dec.wasm' },
} as const;

export type PeerName = keyof typeof PEERS;
export const PEER_NAMES = Object.keys(PEERS) as PeerName[];

export async function loadPeer(name: PeerName): Promise<Peer> {
  const { encoder, decoder } = PEERS[name];
  const root = new URL('.', urlOf(`@jsquash/${name}/package.json`));
  const encode: PeerModules['encode'] = await import(`@jsquash/${name}/encode.js`);
  const decode: PeerModules['decode'] = await import(`@jsquash/${name}/decode.js`);
  await encode.init(await compiled(new URL(encoder, root)));
  await decode.init(await compiled(new URL(decoder, root)));
  const manifest = JSON.parse(await readFile(new URL('package.json', root), 'utf8'));
  return {
    name: `@jsquash/${name}`,
    version: manifest.version,
    encode: async (image, quality) => new Uint8Array(await encode.default(image, { quality })),
    decode: (file) => decode.default(exactBuffer(file)),
  };
}

function urlOf(specifier: string): URL {
  return new URL(`file://${createRequire(import.meta.url).resolve(specifier)}`);
}

async function compiled(url: URL): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(url));
}

/** The packages read the whole buffer behind a view. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
