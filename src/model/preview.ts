import { descale } from '../entropy/distribution.js';
import type { ConvLayer, DecoderModel, Layer, Transform } from './layers.js';

/** How many times smaller than the picture a preview is, in each direction. */
export type PreviewShrink = 4 | 8;

/** What makes a preview of a latent: docs/format.md, section 7.6. */
export interface PreviewHead {
  /** Pixels a latent position, in each direction. */
  readonly stride: number;
  /** The shortcut's convolution of 1x1, averaged; outputs are [stride][stride][3]. */
  readonly conv: ConvLayer;
  /** [stride][stride][3]: what the trunk makes of zeros, averaged, in units of 2^-6 grey level. */
  readonly trunk: Int16Array;
}

/** The shortcut's convolution, if the shortcut is one of 1x1 before a depthToSpace, as it is here. */
function linearShortcut({ latent, synthesis }: DecoderModel): ConvLayer | undefined {
  const [conv, shuffle, ...more] = synthesis.shortcut;
  return conv?.op === 'conv' &&
    conv.kernel === 1 &&
    conv.stride === 1 &&
    shuffle?.op === 'depthToSpace' &&
    shuffle.block === latent.stride &&
    more.length === 0
    ? conv
    : undefined;
}

/** Whether a model makes previews of a size from its shortcut; if not, they are averages of all. */
export function hasPreview(model: DecoderModel, shrink: PreviewShrink): boolean {
  return linearShortcut(model) !== undefined && model.latent.stride % shrink === 0;
}

/** [stride][stride][channels], as if repeated without end. */
interface Period {
  readonly side: number;
  readonly channels: number;
  readonly data: Int32Array;
}

function clampSum(sum: number, { max, min }: { min: number; max: number }): number {
  return Math.min(Math.max(sum, min), max);
}

function convPeriod(x: Period, layer: ConvLayer): Period {
  const { bias, inputs, kernel, outputs, shift, weights } = layer;
  const { side } = x;
  const pad = kernel >> 1;
  const data = new Int32Array(side * side * outputs);
  for (let i = 0; i < data.length; i++) {
    const o = i % outputs;
    const position = (i - o) / outputs;
    let sum = bias[o]!;
    for (let k = 0; k < kernel * kernel; k++) {
      const row = (Math.floor(position / side) + Math.floor(k / kernel) - pad + side) % side;
      const column = ((position % side) + (k % kernel) - pad + side) % side;
      const from = (row * side + column) * inputs;
      const weight = (o * kernel * kernel + k) * inputs;
      for (let c = 0; c < inputs; c++) {
        sum = (sum + Math.imul(weights[weight + c]!, x.data[from + c]!)) | 0;
      }
    }
    data[i] = clampSum(clampSum(descale(sum, shift), { min: -32768, max: 32767 }), layer);
  }
  return { side, channels: outputs, data };
}

function applyPeriod(x: Period, layer: Layer): Period {
  switch (layer.op) {
    case 'conv':
      return convPeriod(x, layer);
    case 'residual': {
      const { data } = convPeriod(convPeriod(x, layer.first), layer.second);
      return { ...x, data: x.data.map((value, i) => clampSum(value + data[i]!, layer)) };
    }
    case 'depthToSpace': {
      const { block } = layer;
      const side = x.side * block;
      const channels = x.channels / block ** 2;
      const data = Int32Array.from({ length: x.data.length }, (_, i) => {
        const c = i % channels;
        const column = ((i - c) / channels) % side;
        const row = Math.floor(i / channels / side);
        const from = Math.floor(row / block) * x.side + Math.floor(column / block);
        const phase = (row % block) * block + (column % block);
        return x.data[from * x.channels + phase * channels + c]!;
      });
      return { side, channels, data };
    }
    case 'spaceToDepth':
      throw new RangeError('No synthesis has a spaceToDepth');
  }
}

/** What the trunk makes of a latent that is zero everywhere: one position's pixels, [S][S][3]. */
function trunkOfZeros({ trunk }: Transform, channels: number): Period {
  return trunk.reduce(applyPeriod, { side: 1, channels, data: new Int32Array(channels) });
}

/**
 * The preview head of a model.
 *
 * @param shrink One for which `hasPreview` holds.
 */
export function previewHead(model: DecoderModel, shrink: PreviewShrink): PreviewHead {
  const conv = linearShortcut(model)!;
  const { channels, stride: side } = model.latent;
  const stride = side / shrink;
  const outputs = stride * stride * 3;
  const pixels = shrink * shrink;
  const weights = new Int32Array(outputs * channels);
  const bias = new Float64Array(outputs);
  const trunk = new Int32Array(outputs);
  const zeros = trunkOfZeros(model.synthesis, channels);
  for (let o = 0; o < side * side * 3; o++) {
    const c = o % 3;
    const pixel = (o - c) / 3;
    const row = Math.floor(pixel / side / shrink);
    const to = (row * stride + Math.floor((pixel % side) / shrink)) * 3 + c;
    for (let i = 0; i < channels; i++)
      weights[to * channels + i]! += conv.weights[o * channels + i]!;
    bias[to]! += conv.bias[o]!;
    trunk[to]! += zeros.data[o]!;
  }
  return {
    stride,
    // Rounded towards zero: no accumulator grows beyond the shortcut's own.
    conv: {
      ...conv,
      outputs,
      weights: Int16Array.from(weights, (sum) => Math.trunc(sum / pixels)),
      bias: Int32Array.from(bias, (sum) => Math.trunc(sum / pixels)),
    },
    trunk: Int16Array.from(trunk, (sum) => Math.floor((sum + pixels / 2) / pixels)),
  };
}
