import { ShvqError } from '../format/errors.js';
import type { ConvLayer, DecoderModel, Layer, LinearLayer, Transform } from './layers.js';

/** Channels of a tensor, its largest magnitude, and pixels an element (a fraction of 1 is finer). */
interface Extent {
  readonly channels: number;
  readonly max: number;
  readonly stride: number;
}

const LIMIT = 2 ** 31;

/** Refuses weights with which some input could make an accumulator wrap: section 7.1. */
function assertSums(
  name: string,
  bias: Int32Array,
  shift: number,
  parts: readonly { weights: Int16Array; max: number }[],
): void {
  for (let o = 0; o < bias.length; o++) {
    let sum = Math.abs(bias[o]!) + (shift === 0 ? 0 : 2 ** (shift - 1));
    for (const { weights, max } of parts) {
      const length = weights.length / bias.length;
      let magnitude = 0;
      for (let i = o * length; i < (o + 1) * length; i++) {
        const weight = weights[i]!;
        if (weight === -32768) throw new ShvqError('BAD_MODEL', `${name}: a weight is -32768`);
        magnitude += Math.abs(weight);
      }
      sum += magnitude * max;
    }
    if (sum >= LIMIT) {
      throw new ShvqError('BAD_MODEL', `${name}: the accumulator of output ${o} could overflow`);
    }
  }
}

function assertConv(name: string, { bias, inputs, shift, weights }: ConvLayer, x: Extent): void {
  if (x.channels !== inputs) {
    throw new ShvqError('BAD_MODEL', `${name} reads ${inputs} channels and gets ${x.channels}`);
  }
  assertSums(name, bias, shift, [{ weights, max: x.max }]);
}

function after({ max, min, outputs, stride }: ConvLayer, x: Extent): Extent {
  return { channels: outputs, max: Math.max(max, -min), stride: x.stride * stride };
}

function assertLayer(name: string, layer: Layer, x: Extent): Extent {
  switch (layer.op) {
    case 'conv':
      assertConv(name, layer, x);
      return after(layer, x);
    case 'residual': {
      const { first, second, min, max } = layer;
      assertConv(`${name}.first`, first, x);
      const middle = after(first, x);
      assertConv(`${name}.second`, second, middle);
      const shapes = [first, second].every(({ kernel, stride }) => kernel === 3 && stride === 1);
      if (!shapes || second.outputs !== x.channels) {
        throw new ShvqError('BAD_MODEL', `${name} is no residual of its input`);
      }
      return { ...x, max: Math.max(max, -min) };
    }
    case 'spaceToDepth':
      return {
        channels: x.channels * layer.block ** 2,
        max: x.max,
        stride: x.stride * layer.block,
      };
    case 'depthToSpace': {
      const channels = x.channels / layer.block ** 2;
      if (!Number.isInteger(channels)) {
        throw new ShvqError('BAD_MODEL', `${name} cannot split ${x.channels} channels`);
      }
      return { channels, max: x.max, stride: x.stride / layer.block };
    }
  }
}

/** Checks that both lists of a transform fit together and that no accumulator can overflow. */
export function assertTransformBounds(
  transform: Transform,
  name: string,
  input: Extent,
  output: Omit<Extent, 'max'>,
): void {
  for (const part of ['trunk', 'shortcut'] as const) {
    const end = transform[part].reduce(
      (x, layer, i) => assertLayer(`${name}.${part}.${i}`, layer, x),
      input,
    );
    if (end.channels !== output.channels || end.stride !== output.stride) {
      throw new ShvqError('BAD_MODEL', `${name}.${part} ends in another shape`);
    }
  }
}

function isStrided(layer: Layer): boolean {
  return layer.op === 'conv' && layer.stride !== 1;
}

/** The promises that a decoder relies on: docs/format.md, section 7.1. */
export function assertDecoderBounds(model: DecoderModel): void {
  const { channels, max, stride } = model.latent;
  const { shortcut, trunk } = model.synthesis;
  if ([...shortcut, ...trunk].some((layer) => layer.op === 'spaceToDepth' || isStrided(layer))) {
    throw new ShvqError('BAD_MODEL', 'A layer of the synthesis makes its picture smaller');
  }
  assertTransformBounds(
    model.synthesis,
    'synthesis',
    { channels, max, stride },
    { channels: 3, stride: 1 },
  );
  if ('vectors' in model) return;
  const { groups, hidden, parameters, taps } = model.context;
  const size = taps.outputs * channels;
  // Rearranged so that each output's weights over all six taps lie together.
  const weights = new Int16Array(taps.weights.length);
  for (let o = 0; o < taps.outputs; o++) {
    for (let tap = 0; tap < 6; tap++) {
      const from = tap * size + o * channels;
      weights.set(taps.weights.subarray(from, from + channels), (o * 6 + tap) * channels);
    }
  }
  assertSums('context.taps', taps.bias, taps.shift, [{ weights, max }]);
  groups.forEach((group, g) => {
    const name = `context.groups.${g}`;
    assertSums(`${name}.hidden`, group.hidden.bias, hidden.shift, [
      { weights: group.hidden.weights, max: taps.max },
      { weights: group.links, max },
    ]);
    const last: LinearLayer = group.parameters;
    assertSums(`${name}.parameters`, last.bias, parameters.shift, [
      { weights: last.weights, max: hidden.max },
    ]);
  });
}
