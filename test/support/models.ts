import { buildDecoderModel, buildEncoderModel } from '../../src/model/build.js';
import type {
  ConvLayer,
  DecoderModel,
  EncoderModel,
  Layer,
  ScalarModel,
  VectorModel,
} from '../../src/model/layers.js';
import { decoderTensors, encoderTensors } from '../../src/model/serialize.js';
import { Random } from './random.js';

/**
 * Synthetic models: random integers in the structure of the real profiles, for tests of the
 * arithmetic. They compress nothing.
 */
export interface SyntheticShape {
  readonly channels: number;
  readonly group: number;
  readonly tapOutputs: number;
  readonly hidden: number;
  readonly centers: number;
  /** Channels of the synthesis at 1/16, inside its residuals, at 1/8 and at 1/4. */
  readonly synthesis: readonly [number, number, number, number];
  /** Channels of the analysis at 1/4, 1/8 and 1/16. */
  readonly analysis: readonly [number, number, number];
  /** Weights, biases and clamps as large as the accumulators allow. */
  readonly extreme: boolean;
}

export const TINY: SyntheticShape = {
  channels: 16,
  group: 8,
  tapOutputs: 16,
  hidden: 8,
  centers: 15,
  synthesis: [16, 8, 8, 8],
  analysis: [8, 16, 16],
  extreme: false,
};

/** The structure of the default profile. */
export const FULL: SyntheticShape = {
  channels: 128,
  group: 16,
  tapOutputs: 128,
  hidden: 48,
  centers: 63,
  synthesis: [96, 40, 24, 8],
  analysis: [48, 96, 160],
  extreme: false,
};

/** Every weight, shift and clamp at its extremes. */
export const TORTURE: SyntheticShape = { ...TINY, extreme: true };

class Maker {
  constructor(
    readonly random: Random,
    readonly extreme: boolean,
  ) {}

  weights(length: number, size: number): Int16Array {
    const { random } = this;
    return Int16Array.from({ length }, () =>
      this.extreme
        ? Math.sign(random.integer(-1, 1)) *
          (random.integer(0, 3) === 0 ? size : random.integer(0, size))
        : Math.round(random.normal() * size),
    );
  }

  bias(length: number, size: number): Int32Array {
    return Int32Array.from({ length }, () => this.random.integer(-size, size));
  }

  conv(
    kernel: 1 | 3,
    stride: 1 | 2,
    inputs: number,
    outputs: number,
    relu: boolean,
    inputMax: number,
    outputMax: number,
  ): ConvLayer {
    const fan = kernel * kernel * inputs;
    // Extreme: as large as the bound on the accumulator allows. Otherwise: outputs about as large
    // as inputs.
    const shift = this.extreme ? this.random.integer(0, 12) : 10;
    const size = this.extreme
      ? Math.max(1, Math.min(32767, Math.floor((2 ** 31 - 2 ** 28) / (fan * inputMax))))
      : Math.max(1, Math.round((2 ** shift * 1.2 * outputMax) / inputMax / Math.sqrt(fan)));
    return {
      op: 'conv',
      kernel,
      stride,
      inputs,
      outputs,
      weights: this.weights(fan * outputs, size),
      bias: this.bias(outputs, this.extreme ? 2 ** 27 : 2 ** shift * 32),
      shift,
      min: relu ? 0 : -outputMax,
      max: outputMax,
    };
  }

  residual(channels: number, inner: number, max: number): Layer {
    return {
      op: 'residual',
      first: this.conv(3, 1, channels, inner, true, max, max),
      second: this.conv(3, 1, inner, channels, false, max, max),
      min: -max,
      max,
    };
  }
}

/** A model that is known to be one of scalars. */
export function asScalars(model: DecoderModel): ScalarModel {
  if ('context' in model) return model;
  throw new Error('The model has no context model');
}

/** A decoder and an encoder model with random integers; the same for the same seed and shape. */
export function syntheticModel(
  seed: number,
  shape: SyntheticShape = TINY,
): { decoder: ScalarModel; encoder: EncoderModel } {
  const { channels, centers: size, group, hidden, tapOutputs } = shape;
  const random = new Random(seed);
  const make = new Maker(random, shape.extreme);
  const latent = { channels, stride: 16, max: shape.extreme ? 32767 : 16383 };
  const max = shape.extreme ? 32767 : 4095;
  const half = (size - 1) / 2;
  const spacings = Array.from({ length: half }, (_, i) => random.integer(900, 1200) + i * 60);
  const positive = spacings.map((_, i) => spacings.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const centers = Int32Array.from([...positive.map((c) => -c).reverse(), 0, ...positive]);
  const rates = 6;
  const encoderGains = Int16Array.from({ length: rates * channels }, (_, i) =>
    shape.extreme
      ? random.integer(20, 1500)
      : 512 + Math.floor(i / channels) * 132 + random.integer(-40, 40),
  );
  const decoderGains = Int16Array.from({ length: rates * channels }, () => random.integer(-20, 20));
  const linear = (outputs: number, fan: number, inputMax: number, weight: number) => ({
    weights: make.weights(
      outputs * fan,
      shape.extreme ? Math.max(1, Math.floor((2 ** 31 - 2 ** 28) / (fan * inputMax))) : weight,
    ),
    bias: make.bias(outputs, shape.extreme ? 2 ** 27 : 4096),
  });
  const context = {
    groupSize: group,
    taps: {
      ...linear(tapOutputs, 6 * channels, latent.max, 60),
      outputs: tapOutputs,
      shift: 8,
      max,
    },
    hidden: { outputs: hidden, shift: 8, max },
    parameters: { shift: 10 },
    groups: Array.from({ length: channels / group }, (_, g) => {
      const fan = tapOutputs + g * group;
      const both = linear(hidden, fan, Math.max(max, latent.max), 30);
      const parameters = linear(2 * group, hidden, max, 100);
      // Log-scales around -1 octave in the quantizer's units, so that most symbols are zero.
      for (let i = group; i < 2 * group; i++) parameters.bias[i] = -1000 * 1024;
      return {
        hidden: { weights: both.weights.slice(0, hidden * tapOutputs), bias: both.bias },
        links: both.weights.slice(hidden * tapOutputs),
        parameters,
      };
    }),
  };
  const [coarse, inner, middle, fine] = shape.synthesis;
  const pixelMax = 32767;
  const depthToSpace = (block: number) => ({ op: 'depthToSpace', block }) as const;
  const synthesis = {
    trunk: [
      make.conv(1, 1, channels, coarse, false, latent.max, max),
      make.residual(coarse, inner, max),
      make.residual(coarse, inner, max),
      make.conv(1, 1, coarse, 4 * middle, true, max, max),
      depthToSpace(2),
      make.residual(middle, middle, max),
      make.conv(1, 1, middle, 4 * fine, true, max, max),
      depthToSpace(2),
      make.conv(3, 1, fine, 48, false, max, pixelMax),
      depthToSpace(4),
    ],
    shortcut: [make.conv(1, 1, channels, 768, false, latent.max, pixelMax), depthToSpace(16)],
  };
  const tensors = decoderTensors({
    profile: 'synthetic',
    latent,
    centers,
    rates,
    encoderGains,
    decoderGains,
    context,
    synthesis,
  });
  const decoder = asScalars(buildDecoderModel(tensors));
  const [first, second, third] = shape.analysis;
  const spaceToDepth = (block: number) => ({ op: 'spaceToDepth', block }) as const;
  const analysis = {
    trunk: [
      spaceToDepth(4),
      make.conv(3, 1, 48, first, true, 255, max),
      make.residual(first, Math.max(8, first >> 1), max),
      make.conv(3, 2, first, second, true, max, max),
      make.residual(second, Math.max(8, second >> 1), max),
      make.conv(3, 2, second, third, true, max, max),
      make.residual(third, third, max),
      make.residual(third, third, max),
      make.conv(1, 1, third, channels, false, max, latent.max),
    ],
    shortcut: [spaceToDepth(16), make.conv(1, 1, 768, channels, false, 255, latent.max)],
  };
  const encoder = buildEncoderModel(
    encoderTensors({ profile: 'synthetic', decoderId: decoder.id, latent, analysis }),
  );
  return { decoder, encoder };
}

export interface VectorShape {
  /** Symbols a latent position, channels of the latent at 1/8. */
  readonly symbols: number;
  readonly centers: number;
  readonly rates: number;
  /** Channels of both transforms at 1/4 and, of the synthesis, at 1/2. */
  readonly widths: readonly [number, number];
  readonly extreme: boolean;
}

export const VECTORS: VectorShape = {
  symbols: 6,
  centers: 37,
  rates: 3,
  widths: [16, 8],
  extreme: false,
};

/** The same with every weight, shift, clamp, center and logit at its extremes, and one rate. */
export const VECTOR_TORTURE: VectorShape = { ...VECTORS, centers: 64, rates: 1, extreme: true };

/** A model of 2x2 patches in the structure of the paper's profile, with random integers. */
export function vectorModel(
  seed: number,
  shape: VectorShape = VECTORS,
): { decoder: VectorModel; encoder: EncoderModel } {
  const { centers: size, extreme, rates, symbols, widths } = shape;
  const random = new Random(seed);
  const make = new Maker(random, extreme);
  const dimension = 4;
  const channels = dimension * symbols;
  const latent = { channels, stride: 16, max: 32767 };
  const max = extreme ? 32767 : 4095;
  const [coarse, fine] = widths;
  const depthToSpace = (block: number) => ({ op: 'depthToSpace', block }) as const;
  const spaceToDepth = (block: number) => ({ op: 'spaceToDepth', block }) as const;
  const spread = (k: number) => (extreme ? 8191 : 40 * k);
  const built = buildDecoderModel(
    decoderTensors({
      profile: 'synthetic',
      latent,
      rates,
      vectors: {
        size,
        dimension,
        centers: Int16Array.from({ length: size * dimension }, (_, i) => {
          const most = spread(Math.floor(i / dimension));
          return random.integer(-most, most);
        }),
        histogram: {
          logits: Int16Array.from({ length: rates * symbols * (size - 1) }, () =>
            extreme ? random.integer(0, 1) * 222 - 111 : random.integer(-20, 5),
          ),
          confidence: extreme ? 127 : 20,
        },
      },
      encoderGains: Int16Array.from({ length: rates * symbols }, () =>
        extreme ? random.integer(-1024, 1500) : random.integer(-300, 100),
      ),
      decoderGains: Int16Array.from({ length: rates * symbols }, () => random.integer(-20, 20)),
      synthesis: {
        trunk: [
          depthToSpace(2),
          make.conv(3, 1, symbols, 4 * coarse, true, latent.max, max),
          depthToSpace(2),
          make.residual(coarse, fine, max),
          make.conv(3, 1, coarse, 4 * fine, true, max, max),
          depthToSpace(2),
          make.conv(3, 1, fine, 12, false, max, 32767),
          depthToSpace(2),
        ],
        shortcut: [
          depthToSpace(2),
          make.conv(1, 1, symbols, 192, false, latent.max, 32767),
          depthToSpace(8),
        ],
      },
    }),
  );
  if (!('vectors' in built)) throw new Error('The model has no vectors');
  const encoder = buildEncoderModel(
    encoderTensors({
      profile: 'synthetic',
      decoderId: built.id,
      latent,
      analysis: {
        trunk: [
          spaceToDepth(2),
          make.conv(3, 1, 12, fine, true, 255, max),
          make.conv(3, 2, fine, coarse, true, max, max),
          make.residual(coarse, fine, max),
          make.conv(3, 2, coarse, symbols, false, max, latent.max),
          spaceToDepth(2),
        ],
        shortcut: [
          spaceToDepth(8),
          make.conv(1, 1, 192, symbols, false, 255, latent.max),
          spaceToDepth(2),
        ],
      },
    }),
  );
  return { decoder: built, encoder };
}
