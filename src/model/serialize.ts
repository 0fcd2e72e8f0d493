import {
  type ContextModel,
  type EncoderModel,
  type Layer,
  type ScalarModel,
  symbolsOf,
  type Transform,
  type VectorCodebook,
  type VectorModel,
} from './layers.js';
import type { NamedTensor, TensorFile } from './tensors.js';

/** Collects the tensors of a model under the names of docs/format.md, section 9.1. */
class Collector {
  readonly tensors: NamedTensor[] = [];

  add(name: string, data: NamedTensor['data'], ...shape: number[]): void {
    this.tensors.push({ name, shape, data });
  }

  layer(layer: Layer, name: string): object {
    switch (layer.op) {
      case 'conv': {
        const { weights, bias, ...rest } = layer;
        const { inputs, kernel, outputs } = layer;
        this.add(`${name}.weights`, weights, outputs, kernel, kernel, inputs);
        this.add(`${name}.bias`, bias, outputs);
        return rest;
      }
      case 'residual':
        return {
          ...layer,
          first: this.layer(layer.first, `${name}.first`),
          second: this.layer(layer.second, `${name}.second`),
        };
      default:
        return layer;
    }
  }

  transform({ trunk, shortcut }: Transform, name: string): object {
    return {
      trunk: trunk.map((layer, i) => this.layer(layer, `${name}.trunk.${i}`)),
      shortcut: shortcut.map((layer, i) => this.layer(layer, `${name}.shortcut.${i}`)),
    };
  }
}

/** Tensors and structure of a codebook of scalars. */
function centerTensors(out: Collector, centers: Int32Array): object {
  out.add('codebook.centers', centers, centers.length);
  return { size: centers.length };
}

/** Tensors and structure of a context model. */
function contextTensors(out: Collector, context: ContextModel, channels: number): object {
  const { groupSize, hidden, taps } = context;
  out.add('context.taps.weights', taps.weights, 6, taps.outputs, channels);
  out.add('context.taps.bias', taps.bias, taps.outputs);
  context.groups.forEach((group, g) => {
    const name = `context.groups.${g}`;
    out.add(`${name}.hidden.weights`, group.hidden.weights, hidden.outputs, taps.outputs);
    out.add(`${name}.hidden.bias`, group.hidden.bias, hidden.outputs);
    if (g > 0) out.add(`${name}.links.weights`, group.links, hidden.outputs, groupSize * g);
    out.add(`${name}.parameters.weights`, group.parameters.weights, 2 * groupSize, hidden.outputs);
    out.add(`${name}.parameters.bias`, group.parameters.bias, 2 * groupSize);
  });
  return {
    group: groupSize,
    taps: { outputs: taps.outputs, shift: taps.shift, max: taps.max },
    hidden,
    parameters: context.parameters,
  };
}

/** Tensors and structure of a codebook of vectors. */
function vectorTensors(
  out: Collector,
  { centers, dimension, histogram, size }: VectorCodebook,
  rates: number,
  symbols: number,
): object {
  out.add('codebook.centers', centers, size, dimension);
  out.add('histogram.logits', histogram.logits, rates, symbols, size - 1);
  return {
    codebook: { size, dimension },
    histogram: { confidence: histogram.confidence },
  };
}

/** A decoder model as the content of a .shvw file; `buildDecoderModel` reads it back. */
export function decoderTensors(
  model: Omit<ScalarModel, 'id'> | Omit<VectorModel, 'id'>,
): TensorFile {
  const { latent, profile, rates } = model;
  const out = new Collector();
  const symbols = symbolsOf(model);
  const gains = () => {
    out.add('gains.encoder', model.encoderGains, rates, symbols);
    out.add('gains.decoder', model.decoderGains, rates, symbols);
    return { rates };
  };
  // The order of the tensors is part of a model's id.
  const coding =
    'vectors' in model
      ? { ...vectorTensors(out, model.vectors, rates, symbols), gains: gains() }
      : {
          codebook: centerTensors(out, model.centers),
          gains: gains(),
          context: contextTensors(out, model.context, latent.channels),
        };
  const structure = {
    profile,
    part: 'decoder',
    latent,
    ...coding,
    synthesis: out.transform(model.synthesis, 'synthesis'),
  };
  return { structure: JSON.stringify(structure), tensors: out.tensors };
}

/** An encoder model as the content of a .shvw file; `buildEncoderModel` reads it back. */
export function encoderTensors(model: EncoderModel): TensorFile {
  const out = new Collector();
  const structure = {
    profile: model.profile,
    part: 'encoder',
    decoder: model.decoderId,
    latent: model.latent,
    analysis: out.transform(model.analysis, 'analysis'),
  };
  return { structure: JSON.stringify(structure), tensors: out.tensors };
}
