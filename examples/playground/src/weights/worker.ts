/// <reference lib="webworker" />
import {
  compressWeights,
  decodeWeights,
  foldNormalizations,
  fromSafetensors,
  readWeightsInfo,
  type Tensor,
} from 'shvq/weights';
import { sha256 } from '../codec/sha256.js';
import type { CompressedNetwork, TensorRow, WeightsReply, WeightsRequest } from './types.js';

self.onmessage = async ({ data }: MessageEvent<WeightsRequest>) => {
  try {
    say({ kind: 'done', result: await compress(data) });
  } catch (error) {
    say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
};

function say(reply: WeightsReply): void {
  self.postMessage(reply);
}

async function compress({ name, file, ratio }: WeightsRequest): Promise<CompressedNetwork> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const tensors = name.endsWith('.shvw') ? await unpack(bytes) : fromSafetensors(bytes).tensors;
  const before = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);

  let start = performance.now();
  const compressed = await compressWeights(tensors, {
    ratio,
    onProgress: (fraction) => say({ kind: 'progress', fraction }),
  });
  const compressMs = performance.now() - start;
  start = performance.now();
  const decoded = await decodeWeights(compressed.file);
  const decodeMs = performance.now() - start;

  const modes = new Map(
    readWeightsInfo(compressed.file).tensors.map((info) => [info.name, info.mode]),
  );
  // Compression folds normalizations: what computes the same is to be compared.
  const rows = foldNormalizations(tensors).map((tensor): TensorRow => {
    const { data, name: tensorName, shape } = tensor;
    const after = decoded.tensors[tensorName]!;
    const mode = modes.get(tensorName)!;
    return { name: tensorName, shape, mode, error: relativeError(data, after.data) };
  });
  const all = await new Blob(
    tensors.map(({ name: tensorName }) => decoded.tensors[tensorName]!.data as BlobPart),
  ).arrayBuffer();
  return {
    name,
    before,
    file: new Uint8Array(compressed.file),
    rows,
    compressMs,
    decodeMs,
    sha256: await sha256(new Uint8Array(all)),
  };
}

/** The tensors of a .shvw file, to be compressed further. */
async function unpack(bytes: Uint8Array): Promise<Tensor[]> {
  const { tensors } = await decodeWeights(bytes);
  return Object.values(tensors).map(toFloat);
}

/** Integer tensors hold fixed-point numbers in shvq's own models; compression is of floats. */
function toFloat(tensor: Tensor): Tensor {
  if (!(tensor.data instanceof Int16Array)) return tensor;
  return { ...tensor, dtype: 'float32', data: Float32Array.from(tensor.data, (x) => x / 4096) };
}

function relativeError(before: Tensor['data'], after: Tensor['data']): number {
  let squares = 0;
  let errors = 0;
  for (let i = 0; i < before.length; i++) {
    const value = Number(before[i]);
    const difference = value - Number(after[i]);
    squares += value * value;
    errors += difference * difference;
  }
  return errors === 0 ? 0 : Math.sqrt(errors / squares);
}
