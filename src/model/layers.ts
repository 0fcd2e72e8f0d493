/**
 * The integer networks as data: what `docs/format.md` section 7 calls layers and transforms, with
 * their tensors. Everything that runs a network (the reference, the kernels, the exporter's
 * simulation) reads these types.
 */

/**
 * out = clamp(sat16(descale(bias + weights * x, shift)), min, max), zero-padded.
 * Kernel 3 with stride 1 pads one element on each side; with stride 2 one at the right and bottom.
 */
export interface ConvLayer {
  readonly op: 'conv';
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
  readonly inputs: number;
  readonly outputs: number;
  /** [outputs][kernel][kernel][inputs] */
  readonly weights: Int16Array;
  /** [outputs] */
  readonly bias: Int32Array;
  readonly shift: number;
  readonly min: number;
  readonly max: number;
}

/** out = clamp(x + second(first(x)), min, max); both convolutions 3x3 of stride 1. */
export interface ResidualLayer {
  readonly op: 'residual';
  readonly first: ConvLayer;
  readonly second: ConvLayer;
  readonly min: number;
  readonly max: number;
}

/** Channel (dy * block + dx) * C + c of the coarse grid is channel c at (dy, dx) of the fine one. */
export interface ShuffleLayer {
  readonly op: 'spaceToDepth' | 'depthToSpace';
  readonly block: number;
}

export type Layer = ConvLayer | ResidualLayer | ShuffleLayer;

/** Two lists of layers on the same input, whose outputs are added. */
export interface Transform {
  readonly trunk: readonly Layer[];
  readonly shortcut: readonly Layer[];
}

/** A matrix product with bias: out = sat16(descale(bias + weights * x, shift)). */
export interface LinearLayer {
  /** [outputs][inputs] */
  readonly weights: Int16Array;
  /** [outputs] */
  readonly bias: Int32Array;
}

/** The part of the context model that predicts one group of channels. */
export interface ContextGroup {
  /** [hidden][tap outputs] */
  readonly hidden: LinearLayer;
  /** [hidden][channels of the groups before]; empty for the first group. */
  readonly links: Int16Array;
  /** [2 * group size][hidden]: means, then log-scales. */
  readonly parameters: LinearLayer;
}

/** The context model: causal taps over all channels, then one small network a group. */
export interface ContextModel {
  /** Channels a group. */
  readonly groupSize: number;
  readonly taps: {
    /** [6][outputs][channels] */
    readonly weights: Int16Array;
    /** [outputs] */
    readonly bias: Int32Array;
    readonly outputs: number;
    readonly shift: number;
    readonly max: number;
  };
  readonly hidden: { readonly outputs: number; readonly shift: number; readonly max: number };
  readonly parameters: { readonly shift: number };
  readonly groups: readonly ContextGroup[];
}

export interface LatentShape {
  readonly channels: number;
  /** Pixels a latent position, in each direction. */
  readonly stride: number;
  /** Dequantized values lie within [-max, max]. */
  readonly max: number;
}

/** What decoding needs of a profile, whatever its symbols stand for. */
interface CommonModel {
  readonly profile: string;
  /** SHA-256 of the model's integers, 64 hex digits. */
  readonly id: string;
  readonly latent: LatentShape;
  readonly rates: number;
  /** [rates][symbols a position], units of 1/256 octave. */
  readonly encoderGains: Int16Array;
  /** [rates][symbols a position], units of 1/256 octave. */
  readonly decoderGains: Int16Array;
  readonly synthesis: Transform;
}

/** A model whose symbols are scalars, one a channel, coded under a context model. */
export interface ScalarModel extends CommonModel {
  /** [L], units of 2^-10 of the quantizer's scale. */
  readonly centers: Int32Array;
  readonly context: ContextModel;
}

/**
 * A codebook in R^d: symbol s of a position stands for the channels s, s + n, ... s + (d - 1) n of
 * its n symbols, which for a latent that ends in spaceToDepth are a patch of one channel.
 */
export interface VectorCodebook {
  /** Number of centers L. */
  readonly size: number;
  /** Elements of a center, d. */
  readonly dimension: number;
  /** [L][d], units of 2^-10 of the quantizer's scale; an encoder wants them within +-VECTOR_MAX. */
  readonly centers: Int16Array;
  /** Where the adaptive histograms of a tile begin. */
  readonly histogram: {
    /** [rates][symbols a position][L - 1], units of 1/8: log-odds of each bit that makes a symbol. */
    readonly logits: Int16Array;
    /** Symbols that a histogram's start stands for, 0..127. */
    readonly confidence: number;
  };
}

/** A model whose symbols are vectors, coded under adaptive histograms. */
export interface VectorModel extends CommonModel {
  readonly vectors: VectorCodebook;
}

export type DecoderModel = ScalarModel | VectorModel;

/** Symbols that a latent position has. */
export function symbolsOf(
  model: Pick<CommonModel, 'latent'> & { readonly vectors?: VectorCodebook },
): number {
  return model.latent.channels / (model.vectors?.dimension ?? 1);
}

/** What encoding needs beside the decoder's part. */
export interface EncoderModel {
  readonly profile: string;
  /** Id of the decoder model that this analysis transform belongs to. */
  readonly decoderId: string;
  readonly latent: LatentShape;
  readonly analysis: Transform;
}
