/** The part of a tfjs model that its files carry, by its shape: tfjs is no dependency. */

export interface WeightSpec {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
}

/** What `io.IOHandler.load` of tfjs returns. */
export interface ModelArtifacts {
  readonly modelTopology: object;
  readonly weightSpecs: WeightSpec[];
  readonly weightData: ArrayBuffer;
  readonly format?: string;
  readonly generatedBy?: string;
  readonly convertedBy?: string | null;
  readonly signature?: object;
  readonly userDefinedMetadata?: Record<string, object>;
  readonly modelInitializer?: object;
  readonly initializerSignature?: object;
  readonly trainingConfig?: { optimizer_config: object; loss: string | string[] };
}

/** What `tf.loadLayersModel` and `tf.loadGraphModel` take. */
export interface IOHandler {
  load(): Promise<ModelArtifacts>;
}

/** Key of the metadata's JSON under which a tfjs model's own JSON lies, without its weights. */
export const TFJS_KEY = 'tfjs';
