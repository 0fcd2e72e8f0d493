import { boundariesOf } from '../entropy/quantizer.js';
import {
  CENTERS_MAX,
  CONTEXT_TAPS,
  DIMENSION_MAX,
  GAIN_EXPONENT_MAX,
  GAIN_EXPONENT_MIN,
  VECTORS_MAX,
} from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import type { WeightsEngine } from '../weights/decode/engine.js';
import { assertDecoderBounds, assertTransformBounds } from './bounds.js';
import type {
  ContextModel,
  ConvLayer,
  DecoderModel,
  EncoderModel,
  Layer,
  ScalarModel,
  Transform,
  VectorCodebook,
} from './layers.js';
import { readModelTensors } from './read.js';
import { sha256 } from './sha256.js';
import { identityBytes, type NamedTensor, type TensorFile } from './tensors.js';

/** Fields of the structure's JSON, each checked where it is read. */
class Structure {
  constructor(
    private readonly value: unknown,
    private readonly path: string,
  ) {}

  #fail(key: string, wanted: string): never {
    throw new ShvqError('BAD_MODEL', `The model's structure: ${this.path}${key} is no ${wanted}`);
  }

  #get(key: string): unknown {
    return typeof this.value === 'object' && this.value !== null
      ? (this.value as Record<string, unknown>)[key]
      : this.#fail(key, 'field');
  }

  /** @param otherwise What it is where there is none. */
  integer(key: string, min: number, max: number, otherwise?: number): number {
    const value = this.#get(key) ?? otherwise;
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      this.#fail(key, `integer in ${min}..${max}`);
    }
    return value as number;
  }

  string(key: string): string {
    const value = this.#get(key);
    return typeof value === 'string' ? value : this.#fail(key, 'string');
  }

  object(key: string): Structure {
    return new Structure(this.#get(key), `${this.path}${key}.`);
  }

  list(key: string): Structure[] {
    const value = this.#get(key);
    if (!Array.isArray(value)) this.#fail(key, 'list');
    return (value as unknown[]).map((item, i) => new Structure(item, `${this.path}${key}[${i}].`));
  }
}

/** Tensors by name, each with the shape and the type that the structure implies. */
class Tensors {
  readonly #byName: Map<string, NamedTensor>;

  constructor(tensors: readonly NamedTensor[]) {
    this.#byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  }

  #get(name: string, shape: readonly number[]): NamedTensor {
    const tensor = this.#byName.get(name);
    if (tensor?.shape.join() !== shape.join()) {
      throw new ShvqError(
        'BAD_MODEL',
        `Tensor ${name} should be [${shape}] and is ${tensor ? `[${tensor.shape}]` : 'missing'}`,
      );
    }
    return tensor;
  }

  i16(name: string, shape: readonly number[]): Int16Array {
    const { data } = this.#get(name, shape);
    if (data instanceof Int16Array) return data;
    if (data instanceof Int8Array) return Int16Array.from(data);
    throw new ShvqError('BAD_MODEL', `Tensor ${name} should have 16 bits`);
  }

  i32(name: string, shape: readonly number[]): Int32Array {
    const { data } = this.#get(name, shape);
    return data instanceof Int32Array ? data : Int32Array.from(data);
  }
}

const MAX_WIDTH = 4096;

function buildConv(structure: Structure, tensors: Tensors, name: string): ConvLayer {
  const kernel = structure.integer('kernel', 1, 3);
  const stride = structure.integer('stride', 1, 2);
  if (kernel === 2 || (kernel === 1 && stride === 2)) {
    throw new ShvqError('BAD_MODEL', `${name}: kernel ${kernel} with stride ${stride}`);
  }
  const inputs = structure.integer('inputs', 1, MAX_WIDTH);
  const outputs = structure.integer('outputs', 1, MAX_WIDTH);
  return {
    op: 'conv',
    kernel: kernel as 1 | 3,
    stride: stride as 1 | 2,
    inputs,
    outputs,
    weights: tensors.i16(`${name}.weights`, [outputs, kernel, kernel, inputs]),
    bias: tensors.i32(`${name}.bias`, [outputs]),
    shift: structure.integer('shift', 0, 30),
    min: structure.integer('min', -32767, 0),
    max: structure.integer('max', 1, 32767),
  };
}

function buildLayer(structure: Structure, tensors: Tensors, name: string): Layer {
  const op = structure.string('op');
  switch (op) {
    case 'conv':
      return buildConv(structure, tensors, name);
    case 'residual':
      return {
        op,
        first: buildConv(structure.object('first'), tensors, `${name}.first`),
        second: buildConv(structure.object('second'), tensors, `${name}.second`),
        min: structure.integer('min', -32767, 0),
        max: structure.integer('max', 1, 32767),
      };
    case 'spaceToDepth':
    case 'depthToSpace':
      return { op, block: structure.integer('block', 2, 16) };
    default:
      throw new ShvqError('UNSUPPORTED', `The model has a layer ${op}`);
  }
}

function buildTransform(structure: Structure, tensors: Tensors, name: string): Transform {
  const part = (key: 'trunk' | 'shortcut') =>
    structure.list(key).map((layer, i) => buildLayer(layer, tensors, `${name}.${key}.${i}`));
  return { trunk: part('trunk'), shortcut: part('shortcut') };
}

function buildLatent(structure: Structure) {
  const stride = structure.integer('stride', 1, 64);
  if (64 % stride !== 0) {
    throw new ShvqError('BAD_MODEL', `The latent's stride of ${stride} does not divide tiles`);
  }
  return {
    channels: structure.integer('channels', 1, MAX_WIDTH),
    stride,
    max: structure.integer('max', 1, 32767),
  };
}

function buildContext(structure: Structure, tensors: Tensors, channels: number): ContextModel {
  const groupSize = structure.integer('group', 1, channels);
  if (channels % groupSize !== 0) {
    throw new ShvqError('BAD_MODEL', `${channels} channels in groups of ${groupSize}`);
  }
  const taps = structure.object('taps');
  const hidden = structure.object('hidden');
  const tapOutputs = taps.integer('outputs', 1, MAX_WIDTH);
  const width = hidden.integer('outputs', 1, MAX_WIDTH);
  const groups = Array.from({ length: channels / groupSize }, (_, g) => {
    const name = `context.groups.${g}`;
    return {
      hidden: {
        weights: tensors.i16(`${name}.hidden.weights`, [width, tapOutputs]),
        bias: tensors.i32(`${name}.hidden.bias`, [width]),
      },
      links:
        g === 0 ? new Int16Array(0) : tensors.i16(`${name}.links.weights`, [width, groupSize * g]),
      parameters: {
        weights: tensors.i16(`${name}.parameters.weights`, [2 * groupSize, width]),
        bias: tensors.i32(`${name}.parameters.bias`, [2 * groupSize]),
      },
    };
  });
  return {
    groupSize,
    taps: {
      weights: tensors.i16('context.taps.weights', [CONTEXT_TAPS.length, tapOutputs, channels]),
      bias: tensors.i32('context.taps.bias', [tapOutputs]),
      outputs: tapOutputs,
      shift: taps.integer('shift', 0, 30),
      max: taps.integer('max', 1, 32767),
    },
    hidden: {
      outputs: width,
      shift: hidden.integer('shift', 0, 30),
      max: hidden.integer('max', 1, 32767),
    },
    parameters: { shift: structure.object('parameters').integer('shift', 0, 30) },
    groups,
  };
}

function assertCodebook(centers: Int32Array): void {
  const boundaries = boundariesOf(centers);
  const rising = (values: Int32Array) => values.every((v, i) => i === 0 || values[i - 1]! < v);
  if (
    centers.length % 2 === 0 ||
    centers[(centers.length - 1) / 2] !== 0 ||
    !centers.every((c) => Math.abs(c) <= 131072) ||
    !rising(centers) ||
    !rising(boundaries)
  ) {
    throw new ShvqError('BAD_MODEL', 'The centers do not rise through zero in the middle');
  }
}

function assertGains({ encoderGains, decoderGains }: DecoderModel): void {
  const within = (e: number) => e >= GAIN_EXPONENT_MIN && e <= GAIN_EXPONENT_MAX;
  if (!encoderGains.every(within) || !decoderGains.every((e, i) => within(encoderGains[i]! - e))) {
    throw new ShvqError('BAD_MODEL', 'A gain is out of range');
  }
}

function buildVectors(
  structure: Structure,
  tensors: Tensors,
  dimension: number,
  shape: readonly number[],
): VectorCodebook {
  const size = structure.object('codebook').integer('size', 2, VECTORS_MAX);
  return {
    size,
    dimension,
    centers: tensors.i16('codebook.centers', [size, dimension]),
    histogram: {
      logits: tensors.i16('histogram.logits', [...shape, size - 1]),
      confidence: structure.object('histogram').integer('confidence', 0, 127),
    },
  };
}

function buildScalars(
  structure: Structure,
  tensors: Tensors,
  channels: number,
): Pick<ScalarModel, 'centers' | 'context'> {
  const size = structure.object('codebook').integer('size', 3, CENTERS_MAX);
  const centers = tensors.i32('codebook.centers', [size]);
  assertCodebook(centers);
  return { centers, context: buildContext(structure.object('context'), tensors, channels) };
}

function parseStructure(file: TensorFile, part: 'decoder' | 'encoder'): Structure {
  let json: unknown;
  try {
    json = JSON.parse(file.structure);
  } catch (cause) {
    throw new ShvqError('BAD_MODEL', "The model's structure is no JSON", { cause });
  }
  const structure = new Structure(json, '');
  if (structure.string('part') !== part) {
    throw new ShvqError(
      'BAD_MODEL',
      `This is the ${structure.string('part')} part of a model, not the ${part}`,
    );
  }
  return structure;
}

/** The decoder's part of a model from its tensors. @throws ShvqError BAD_MODEL, UNSUPPORTED */
export function buildDecoderModel(file: TensorFile): DecoderModel {
  const structure = parseStructure(file, 'decoder');
  const tensors = new Tensors(file.tensors);
  const latent = buildLatent(structure.object('latent'));
  const { channels } = latent;
  const dimension = structure.object('codebook').integer('dimension', 0, DIMENSION_MAX, 0);
  const rates = structure.object('gains').integer('rates', dimension ? 1 : 2, 64);
  // Where d does not divide C, no tensor has this shape.
  const gains = [rates, channels / (dimension || 1)];
  const model: DecoderModel = {
    profile: structure.string('profile'),
    id: sha256(identityBytes(file)),
    latent,
    rates,
    encoderGains: tensors.i16('gains.encoder', gains),
    decoderGains: tensors.i16('gains.decoder', gains),
    synthesis: buildTransform(structure.object('synthesis'), tensors, 'synthesis'),
    ...(dimension
      ? { vectors: buildVectors(structure, tensors, dimension, gains) }
      : buildScalars(structure, tensors, channels)),
  };
  assertGains(model);
  assertDecoderBounds(model);
  return model;
}

/** The encoder's part of a model from its tensors. @throws ShvqError BAD_MODEL, UNSUPPORTED */
export function buildEncoderModel(file: TensorFile): EncoderModel {
  const structure = parseStructure(file, 'encoder');
  const model: EncoderModel = {
    profile: structure.string('profile'),
    decoderId: structure.string('decoder'),
    latent: buildLatent(structure.object('latent')),
    analysis: buildTransform(structure.object('analysis'), new Tensors(file.tensors), 'analysis'),
  };
  const { channels, stride } = model.latent;
  assertTransformBounds(
    model.analysis,
    'analysis',
    { channels: 3, max: 255, stride: 1 },
    { channels, stride },
  );
  return model;
}

/**
 * The decoder's part of a model from a .shvw file.
 *
 * @param engine What decodes compressed files; all give the same integers.
 * @throws ShvqError
 */
export function parseDecoderModel(bytes: Uint8Array, engine?: WeightsEngine): DecoderModel {
  return buildDecoderModel(readModelTensors(bytes, engine));
}

/** The encoder's part, likewise. @throws ShvqError */
export function parseEncoderModel(bytes: Uint8Array, engine?: WeightsEngine): EncoderModel {
  return buildEncoderModel(readModelTensors(bytes, engine));
}
