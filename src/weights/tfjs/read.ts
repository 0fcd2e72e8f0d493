import { ShvqError } from '../../format/errors.js';
import { concatenate } from '../../image/bytes.js';
import { infoOf, sizeOf } from '../dtypes.js';
import { halfToNumber } from '../half.js';
import type { Network } from '../safetensors/read.js';
import type { DType, Tensor } from '../types.js';
import { TFJS_KEY } from './artifacts.js';

/** A weight as a model.json describes it. */
interface ManifestWeight {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: string;
  /** `optimizer` for the state that training goes on from. */
  readonly group?: string;
  readonly quantization?: {
    readonly dtype: 'uint8' | 'uint16' | 'float16';
    readonly scale?: number;
    readonly min?: number;
  };
}

interface ManifestGroup {
  readonly paths: string[];
  readonly weights: ManifestWeight[];
}

function corrupt(message: string, tensor?: string): ShvqError {
  return new ShvqError('CORRUPT', message, tensor === undefined ? {} : { tensor });
}

/** A model.json, or the weights manifest alone that some libraries ship. */
function parse(modelJson: string | object): { groups: ManifestGroup[]; rest: object | undefined } {
  let model: unknown = modelJson;
  if (typeof modelJson === 'string') {
    try {
      model = JSON.parse(modelJson);
    } catch (cause) {
      throw new ShvqError('CORRUPT', 'The model.json is no JSON', { cause });
    }
  }
  const { weightsManifest, ...rest } = (Array.isArray(model) ? {} : (model ?? {})) as {
    weightsManifest?: unknown;
    modelTopology?: unknown;
  };
  const groups = (Array.isArray(model) ? model : weightsManifest) as ManifestGroup[] | undefined;
  const sound =
    (Array.isArray(model) || typeof rest.modelTopology === 'object') &&
    Array.isArray(groups) &&
    groups.every(
      (group) =>
        Array.isArray(group?.paths) &&
        Array.isArray(group.weights) &&
        group.weights.every((weight) => typeof weight?.name === 'string'),
    );
  if (!sound) throw new ShvqError('BAD_MAGIC', 'Not a model.json of tfjs');
  return { groups, rest: Array.isArray(model) ? undefined : rest };
}

/** Names of the files with weights, in the order in which `fromTfjs` takes their bytes. */
export function tfjsShards(modelJson: string | object): string[] {
  return parse(modelJson).groups.flatMap(({ paths }) => paths);
}

const TYPES: readonly DType[] = ['float32', 'int32', 'bool', 'uint8', 'uint16', 'int8', 'int16'];
const CODES: readonly DType[] = ['uint8', 'uint16', 'float16'];

/** A weight from the front of its group's bytes. */
function readWeight(weight: ManifestWeight, bytes: Uint8Array): { tensor: Tensor; used: number } {
  const { name, shape, quantization } = weight;
  const dtype = TYPES.find((type) => type === weight.dtype);
  if (!dtype) throw new ShvqError('UNSUPPORTED', `The type ${weight.dtype}`, { tensor: name });
  if (!Array.isArray(shape) || !shape.every((side) => Number.isSafeInteger(side) && side >= 0)) {
    throw corrupt('The shape is no list of sides', name);
  }
  const stored = quantization ? CODES.find((type) => type === quantization.dtype) : dtype;
  if (!stored) {
    const text = `The quantization to ${quantization?.dtype}`;
    throw new ShvqError('UNSUPPORTED', text, { tensor: name });
  }
  const info = infoOf(stored);
  const used = sizeOf(shape) * info.bytes;
  if (used > bytes.length) throw new ShvqError('TRUNCATED', 'The shards end', { tensor: name });
  const data = new info.array(bytes.slice(0, used).buffer as ArrayBuffer);
  if (!quantization) return { tensor: { name, shape, dtype, data }, used };
  const codes = data as Uint16Array;
  const { scale = 1, min = 0 } = quantization;
  // As tfjs does it: in doubles, rounded once.
  const value = (code: number): number =>
    stored === 'float16' ? halfToNumber(code) : code * scale + min;
  if (dtype === 'float32') {
    return { tensor: { name, shape, dtype, data: Float32Array.from(codes, value) }, used };
  }
  if (dtype !== 'int32') throw new ShvqError('UNSUPPORTED', `Quantized ${dtype}`, { tensor: name });
  const integers = Int32Array.from(codes, (code) => Math.round(value(code)));
  return { tensor: { name, shape, dtype, data: integers }, used };
}

/**
 * The tensors of a tfjs model, layers or graph, and its topology as metadata, from which `ioHandler`
 * makes the model again. Weights that tfjs' converter quantized become float32; an optimizer's state is
 * left out.
 *
 * @param modelJson The text of model.json, or what it holds; or of a weights manifest alone, which
 *   leaves no topology.
 * @param shards The bytes of the files that `tfjsShards` names, in that order.
 * @throws ShvqError BAD_MAGIC, CORRUPT, TRUNCATED, UNSUPPORTED
 */
export function fromTfjs(modelJson: string | object, shards: readonly Uint8Array[]): Network {
  const { groups, rest } = parse(modelJson);
  const tensors: Tensor[] = [];
  let shard = 0;
  for (const { paths, weights } of groups) {
    const parts = shards.slice(shard, shard + paths.length);
    if (parts.length < paths.length) throw corrupt(`${shards.length} shards are too few`);
    shard += paths.length;
    let bytes = concatenate(parts);
    for (const weight of weights) {
      const { tensor, used } = readWeight(weight, bytes);
      // The model has no place for an optimizer's state: tfjs tells it by this field alone.
      if (weight.group !== 'optimizer') tensors.push(tensor);
      bytes = bytes.subarray(used);
    }
    if (bytes.length > 0) throw corrupt('The shards hold more than the manifest says');
  }
  return { metadata: rest ? JSON.stringify({ [TFJS_KEY]: rest }) : '', tensors };
}
