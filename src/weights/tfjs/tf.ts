import type { IOHandler } from './artifacts.js';

/** The part of tfjs that running a layers model takes, by its shape: tfjs is no dependency. */
export interface Tf {
  tensor(data: Float32Array, shape: number[]): TfTensor;
  /** Returns what `run` does; typed so that tfjs' own, generic type fits. */
  tidy(run: () => void): void;
  loadLayersModel(handler: IOHandler): Promise<TfLayersModel>;
}

export interface TfTensor {
  readonly shape: number[];
  clone(): TfTensor;
  data(): Promise<ArrayLike<number>>;
  dispose(): void;
}

export interface TfLayersModel {
  readonly inputs: TfSymbol[];
  readonly outputs: TfSymbol[];
}

/** A value in a model's graph. */
export interface TfSymbol {
  readonly id: number;
  readonly sourceLayer: TfLayer;
  /** Which call of the layer makes it. */
  readonly nodeIndex: number;
}

/** A call of a layer. */
export interface TfNode {
  readonly inputTensors: TfSymbol[];
  readonly outputTensors: TfSymbol[];
  readonly callArgs?: object;
}

export interface TfLayer {
  readonly inboundNodes: TfNode[];
  readonly weights: { readonly originalName: string }[];
  getClassName(): string;
  getConfig(): Record<string, unknown>;
  getWeights(): TfTensor[];
  setWeights(weights: TfTensor[]): void;
  /** Tensors for tensors; typed so that tfjs' own type, which has symbols too, fits. */
  apply(inputs: never, callArgs?: object): unknown;
}
