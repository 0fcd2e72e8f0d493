import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MODEL_MAGIC } from '../../format/constants.js';
import type { EngineBuild } from '../../runtime/engine.js';
import { fromSafetensors, type Network } from '../../weights/safetensors/read.js';
import { fromTfjs, tfjsShards } from '../../weights/tfjs/read.js';
import { createWeightsDecoder } from '../../weights-decode.js';

/** Tensors of a file, and the bytes that they took there, shards included. */
export interface ReadNetwork extends Network {
  readonly fileBytes: number;
}

/** Files named on a command line are the user's own, and so is the memory. */
export const NO_LIMITS = { maxBytes: Infinity, maxMemory: Infinity } as const;

/** Buffers of Node share memory when they are sliced; plain arrays do not. */
async function read(path: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(path));
}

/**
 * Reads a .safetensors, a tfjs model.json with the shards beside it, or a .shvw.
 *
 * @throws ShvqError
 */
export async function readNetwork(path: string, build?: EngineBuild): Promise<ReadNetwork> {
  const bytes = await read(path);
  if (MODEL_MAGIC.every((byte, i) => bytes[i] === byte)) {
    const decoder = createWeightsDecoder({ wasm: build, limits: NO_LIMITS });
    const { metadata, tensors } = await decoder.decode(bytes);
    return { metadata, tensors: Object.values(tensors), fileBytes: bytes.length };
  }
  // A safetensors file begins with a length below 2^56, whose lowest byte may be a brace; text has no zeros.
  if (bytes[0] !== 0x7b || bytes[7] === 0) {
    return { ...fromSafetensors(bytes), fileBytes: bytes.length };
  }
  const json = new TextDecoder().decode(bytes);
  const paths = tfjsShards(json).map((name) => join(dirname(path), name));
  const shards = await Promise.all(paths.map(read));
  const fileBytes = shards.reduce((sum, { length }) => sum + length, bytes.length);
  return { ...fromTfjs(json, shards), fileBytes };
}
