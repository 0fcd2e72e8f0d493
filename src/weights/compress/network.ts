/**
 * What compression may know about a network beside its tensors: how a layer's weights meet its
 * inputs. The caller runs the network, in whatever framework, and calls back before each layer.
 */

/** A tensor of float32. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by name; what a visit changes in `data` is to take effect at once. */
export type NamedTensors = ReadonlyMap<string, NamedTensor>;

/** A batch normalization's tensors, each with one element per output of the layer before it. */
export interface Normalization {
  /** gamma; absent where it is one throughout. */
  readonly scale?: string | undefined;
  /** beta */
  readonly shift: string;
  readonly mean: string;
  readonly variance: string;
  /** Added to the variance. Default: 1e-5. */
  readonly epsilon?: number;
}

/** The window that a convolution moves over pictures. */
export interface Window {
  readonly height: number;
  readonly width: number;
  /** Of both directions. */
  readonly stride: number;
  /** Rows of zeros above and columns of zeros to the left of the picture. */
  readonly top: number;
  readonly left: number;
  /** Positions that the window takes on a picture. */
  readonly rows: number;
  readonly columns: number;
}

/** A layer that multiplies weights with its inputs: a convolution or a matrix product. */
export interface Layer {
  /** Name of the weights. */
  readonly weights: string;
  /**
   * Where the outputs lie in the weights' shape. `first`: [out][in] or [out][in][height][width], as
   * PyTorch has them; `last`: [in][out] or [height][width][in][out], as TensorFlow has them.
   */
  readonly outputs: 'first' | 'last';
  /** Absent for a matrix product. */
  readonly window?: Window;
  /** The batch normalization right behind the layer, if there is one. */
  readonly normalization?: Normalization;
  /** The layer's own bias, if it has one. */
  readonly bias?: string;
}

/** What goes into a layer: [pictures][height][width][channels], or [rows][channels]. */
export interface LayerInput {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Visit = (layer: Layer, input: LayerInput) => Promise<void>;

/**
 * Runs the network on unlabelled inputs of the caller's choice, always the same, with the tensors
 * given, and awaits `visit` before it applies a layer.
 *
 * @returns The network's outputs, any number of them, in the same order at every call.
 */
export type Forward = (tensors: NamedTensors, visit: Visit) => Promise<Float32Array>;
