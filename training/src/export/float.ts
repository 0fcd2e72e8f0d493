import type { Structure } from '../config.ts';
import type { Layout } from '../model/parameters.ts';

/** A convolution of the trained model. */
export interface FloatConv {
  op: 'conv';
  kernel: 1 | 3;
  stride: 1 | 2;
  inputs: number;
  outputs: number;
  /** [kernel][kernel][inputs][outputs], as it was trained. */
  weights: Float32Array;
  /** [outputs] */
  bias: Float32Array;
  relu: boolean;
}

export interface FloatResidual {
  op: 'residual';
  first: FloatConv;
  second: FloatConv;
}

export interface FloatShuffle {
  op: 'spaceToDepth' | 'depthToSpace';
  block: number;
}

export type FloatLayer = FloatConv | FloatResidual | FloatShuffle;

export interface FloatTransform {
  trunk: FloatLayer[];
  shortcut: FloatLayer[];
}

/** Natural logarithms of gains in the format's units, 1/256 octave. */
export function octaves(nats: Float32Array): Int16Array {
  return Int16Array.from(nats, (x) => Math.round((x * 256) / Math.LN2));
}

/** Tensors of a flat weight vector by name, in the layout's order. */
export function tensorsOf(layout: Layout, flat: Float32Array): (name: string) => Float32Array {
  return (name) => {
    const p = layout.byName.get(name);
    if (!p) throw new Error(`no parameter ${name}`);
    return flat.subarray(p.offset, p.offset + p.size);
  };
}

/**
 * The two transforms of `model/networks.ts` as lists of layers, which is how the integer codec
 * describes them. Rectification commutes with depthToSpace, so it moves into the convolution.
 */
export function floatTransforms(
  layout: Layout,
  s: Structure,
  flat: Float32Array,
): { analysis: FloatTransform; synthesis: FloatTransform } {
  const tensor = tensorsOf(layout, flat);
  const conv = (name: string, relu = false, stride: 1 | 2 = 1): FloatConv => {
    const [kernel, , inputs, outputs] = layout.byName.get(`${name}.w`)?.shape ?? [];
    const bias = layout.byName.has(`${name}.b`) ? tensor(`${name}.b`) : new Float32Array(outputs);
    const weights = tensor(`${name}.w`);
    return { op: 'conv', kernel: kernel as 1 | 3, stride, inputs, outputs, weights, bias, relu };
  };
  const residual = (name: string): FloatResidual => ({
    op: 'residual',
    first: conv(`${name}.a`, true),
    second: conv(`${name}.b`),
  });
  const shuffle = (op: FloatShuffle['op'], block: number): FloatShuffle => ({ op, block });
  const blocks = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => residual(`${name}.${i}`));
  if (s.compressive) {
    const { blocks: count } = s.compressive;
    // The last shuffle of the analysis and the first of the synthesis make vectors of 2x2 patches.
    const [together, apart] = [shuffle('spaceToDepth', 2), shuffle('depthToSpace', 2)];
    return {
      analysis: {
        trunk: [
          shuffle('spaceToDepth', 2),
          conv('analysis.stem', true),
          conv('analysis.down1', true, 2),
          ...blocks('analysis.res', count),
          conv('analysis.head', false, 2),
          together,
        ],
        shortcut: [shuffle('spaceToDepth', 8), conv('analysis.shortcut'), together],
      },
      synthesis: {
        trunk: [
          apart,
          conv('synthesis.stem', true),
          shuffle('depthToSpace', 2),
          ...blocks('synthesis.res', count),
          conv('synthesis.up', true),
          shuffle('depthToSpace', 2),
          conv('synthesis.head'),
          shuffle('depthToSpace', 2),
        ],
        shortcut: [apart, conv('synthesis.shortcut'), shuffle('depthToSpace', 8)],
      },
    };
  }
  return {
    analysis: {
      trunk: [
        shuffle('spaceToDepth', 4),
        conv('analysis.stem', true),
        residual('analysis.res1'),
        conv('analysis.down1', true, 2),
        residual('analysis.res2'),
        conv('analysis.down2', true, 2),
        ...blocks('analysis.res3', s.analysis.deepBlocks),
        conv('analysis.head'),
      ],
      shortcut: [shuffle('spaceToDepth', 16), conv('analysis.shortcut')],
    },
    synthesis: {
      trunk: [
        conv('synthesis.stem'),
        ...blocks('synthesis.res1', s.synthesis.blocks),
        conv('synthesis.up1', true),
        shuffle('depthToSpace', 2),
        residual('synthesis.res2'),
        conv('synthesis.up2', true),
        shuffle('depthToSpace', 2),
        conv('synthesis.head'),
        shuffle('depthToSpace', 4),
      ],
      shortcut: [conv('synthesis.shortcut'), shuffle('depthToSpace', 16)],
    },
  };
}
