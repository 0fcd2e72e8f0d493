/** One tensor before and after. */
export interface TensorRow {
  readonly name: string;
  readonly shape: readonly number[];
  readonly mode: string;
  /** Root mean square error over the root mean square of the values; 0 where nothing changed. */
  readonly error: number;
}

export interface CompressedNetwork {
  readonly name: string;
  /** Bytes of the tensors before. */
  readonly before: number;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly rows: readonly TensorRow[];
  readonly compressMs: number;
  readonly decodeMs: number;
  /** SHA-256 of the decoded tensors, one after the other. */
  readonly sha256: string;
}

export type WeightsRequest = { readonly name: string; readonly file: Blob; readonly ratio: number };

export type WeightsReply =
  | { readonly kind: 'progress'; readonly fraction: number }
  | { readonly kind: 'done'; readonly result: CompressedNetwork }
  | { readonly kind: 'failed'; readonly message: string };
