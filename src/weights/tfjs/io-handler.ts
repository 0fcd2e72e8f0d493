import { ShvqError } from '../../format/errors.js';
import { concatenate } from '../../image/bytes.js';
import type { ByteSource, ResponseLike } from '../../types.js';
import type { WeightsDecodeOptions, WeightsDecoder } from '../decode/decoder.js';
import { bytesOf } from '../dtypes.js';
import type { Tensor } from '../types.js';
import { type IOHandler, type ModelArtifacts, TFJS_KEY, type WeightSpec } from './artifacts.js';

/** A tensor as one of the types that tfjs knows. @throws ShvqError UNSUPPORTED */
function specOf({ name, shape, dtype, data }: Tensor): { spec: WeightSpec; bytes: Uint8Array } {
  const spec = (type: WeightSpec['dtype']): WeightSpec => ({
    name,
    shape: [...shape],
    dtype: type,
  });
  switch (dtype) {
    case 'float32':
    case 'int32':
    case 'bool':
      return { spec: spec(dtype), bytes: bytesOf(data) };
    case 'int8':
    case 'uint8':
    case 'int16':
    case 'uint16':
      return { spec: spec('int32'), bytes: bytesOf(Int32Array.from(data as Int32Array)) };
    default:
      throw new ShvqError('UNSUPPORTED', `tfjs has no type ${dtype}`, { tensor: name });
  }
}

/** The model's JSON in a file's metadata. @throws ShvqError BAD_MODEL */
function modelOf(metadata: string): Record<string, unknown> & { modelTopology: object } {
  let model: unknown;
  try {
    model = JSON.parse(metadata)[TFJS_KEY];
  } catch (cause) {
    throw new ShvqError('BAD_MODEL', 'The file carries no tfjs model: its metadata is no JSON', {
      cause,
    });
  }
  if (typeof (model as { modelTopology?: unknown } | undefined)?.modelTopology === 'object') {
    return model as { modelTopology: object };
  }
  throw new ShvqError(
    'BAD_MODEL',
    'The file carries weights without the topology of a tfjs model: compress its model.json',
  );
}

/** @throws ShvqError BAD_MODEL where there is no topology, UNSUPPORTED */
export function artifactsOf(metadata: string, tensors: readonly Tensor[]): ModelArtifacts {
  const model = modelOf(metadata);
  const specs = tensors.map(specOf);
  const weightData = concatenate(specs.map(({ bytes }) => bytes));
  return {
    ...model,
    weightSpecs: specs.map(({ spec }) => spec),
    weightData: weightData.buffer,
  };
}

async function open(source: ByteSource | string): Promise<ByteSource> {
  if (typeof source !== 'string') return source;
  const { fetch } = globalThis as unknown as { fetch?: (url: string) => Promise<ResponseLike> };
  if (!fetch) throw new ShvqError('ENVIRONMENT', 'The host has no fetch: give the bytes');
  try {
    return await fetch(source);
  } catch (cause) {
    throw new ShvqError('LOAD_FAILED', `${source} could not be fetched`, { cause });
  }
}

/** What tfjs loads a compressed model with. */
export function handlerFor(
  decoder: WeightsDecoder,
  source: ByteSource | string,
  options: WeightsDecodeOptions,
): IOHandler {
  return {
    load: async () => {
      const { metadata, tensors } = await decoder.decode(await open(source), options);
      return artifactsOf(metadata, Object.values(tensors));
    },
  };
}
