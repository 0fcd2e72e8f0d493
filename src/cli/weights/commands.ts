import { readFile } from 'node:fs/promises';
import { compressWeights } from '../../weights/compress/compress.js';
import { foldNormalizations } from '../../weights/compress/fold.js';
import { sizeOf } from '../../weights/dtypes.js';
import { toSafetensors } from '../../weights/safetensors/write.js';
import { layersOf } from '../../weights/tfjs/layers.js';
import { packWeights } from '../../weights.js';
import { readWeightsInfo } from '../../weights-decode.js';
import type { Report, TaskResult } from '../tasks.js';
import type { WeightsArguments } from './arguments.js';
import { compareTensors } from './compare.js';
import { NO_LIMITS, readNetwork } from './read.js';

type Job = WeightsArguments & { input: string; output: string };

/** Runs one command on its files. @throws ShvqError, and the system's errors */
export async function runWeightsCommand(job: Job): Promise<TaskResult> {
  switch (job.command) {
    case 'compress':
      return compress(job);
    case 'decompress':
      return decompress(job);
    case 'compare':
      return compare(job);
    default:
      return info(job.input);
  }
}

async function compress({
  input,
  output,
  lossless,
  ratio: wanted,
  bytes,
  epsilon,
}: Job): Promise<TaskResult> {
  const { fileBytes, ...network } = await readNetwork(input);
  const { tensors, metadata } = network;
  const layers = layersOf(network);
  const start = performance.now();
  const data = lossless
    ? packWeights(tensors, { metadata })
    : (await compressWeights(tensors, { ratio: wanted, bytes, epsilon, layers, metadata })).file;
  const milliseconds = Math.round(performance.now() - start);
  const original = tensors.reduce((sum, tensor) => sum + tensor.data.byteLength, 0);
  const ratio = original / data.length;
  const report: Report = {
    file: input,
    output,
    fileBytes,
    bytes: data.length,
    ratio,
    milliseconds,
  };
  const text = `${input} -> ${output}: ${data.length} bytes, ${ratio.toFixed(2)}x, ${milliseconds} ms`;
  return { report, text, output: { path: output, data } };
}

async function decompress({ input, output, build }: Job): Promise<TaskResult> {
  const start = performance.now();
  const { tensors, metadata } = await readNetwork(input, build);
  const data = toSafetensors(tensors, metadata);
  const milliseconds = Math.round(performance.now() - start);
  return {
    report: { file: input, output, tensors: tensors.length, bytes: data.length, milliseconds },
    text: `${input} -> ${output}: ${tensors.length} tensors, ${data.length} bytes, ${milliseconds} ms`,
    output: { path: output, data },
  };
}

async function compare(job: Job): Promise<TaskResult> {
  const { input: original, output: input, build, epsilon } = job;
  const a = await readNetwork(original, build);
  const b = await readNetwork(input, build);
  const options = { layers: layersOf(a), metadata: a.metadata, epsilon };
  const { tensors, identical, snr, elements } = compareTensors(a.tensors, b.tensors, (network) =>
    foldNormalizations(network, options),
  );
  const bytes = a.tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
  const ratio = bytes / b.fileBytes;
  const bits = elements > 0 ? (8 * b.fileBytes) / elements : null;
  return {
    report: {
      ...{ file: input, original, bytes: b.fileBytes, ratio, bitsPerWeight: bits },
      ...{ identical, snr, tensors },
    },
    text: [
      `${input}: ${b.fileBytes} bytes, ${ratio.toFixed(2)}x, ${(bits ?? 0).toFixed(3)} bits a weight`,
      ...tensors.map(({ name, identical, relativeError }) =>
        identical ? `  ${name}: identical` : `  ${name}: ${percent(relativeError)} off`,
      ),
      conclusion(identical, snr),
    ].join('\n'),
  };
}

function percent(relative: number | null): string {
  if (relative === Infinity) return 'infinitely';
  return relative === null ? 'not zero as it was:' : `${(100 * relative).toFixed(2)} %`;
}

function conclusion(identical: boolean, snr: number | null): string {
  if (identical) return 'No difference';
  return snr === null ? 'Not identical' : `SNR ${snr.toFixed(2)} dB`;
}

async function info(input: string): Promise<TaskResult> {
  const bytes = new Uint8Array(await readFile(input));
  const { version, metadata, tensors, memory } = readWeightsInfo(bytes, { limits: NO_LIMITS });
  const elements = tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const bits = elements > 0 ? (8 * bytes.length) / elements : null;
  return {
    report: {
      file: input,
      version,
      bytes: bytes.length,
      elements,
      bitsPerWeight: bits,
      metadataBytes: metadata.length,
      memory,
      tensors,
    },
    text: [
      `${input}: version ${version}, ${bytes.length} bytes, ${elements} elements, ${(bits ?? 0).toFixed(3)} bits each`,
      ...tensors.map(
        ({ name, shape, dtype, mode }) => `  ${name}  [${shape.join(', ')}] ${dtype}, ${mode}`,
      ),
    ].join('\n'),
  };
}
