/**
 * Decoding and encoding off the caller's thread: the entry point `shvq/worker`.
 *
 *     import { decode } from 'shvq/worker';
 *     const { width, height, data } = await decode(await fetch('photo.shv'));
 */
import type {
  ByteSource,
  DecodedImage,
  DecodedRows,
  DecodeOptions,
  EncodeOptions,
  ImageLike,
} from './types.js';
import type { PoolSettings } from './worker/pool.js';
import { startWorker } from './worker/spawn.js';
import { type Pool, type TransferOption, WorkerPool } from './worker/worker-pool.js';

export { readHeader } from './format/read-header.js';
export type { DecoderModel, EncoderModel } from './model/layers.js';
export * from './public.js';
export type { PoolSettings } from './worker/pool.js';
export type { NodeWorkerLike, WebWorkerLike, WorkerLike } from './worker/spawn.js';
export type { Pool, TransferOption } from './worker/worker-pool.js';

const start = () =>
  startWorker(
    () => new Worker(new URL('./worker-thread.js', import.meta.url), { type: 'module' }),
    'worker-thread.js',
    import.meta.url,
  );

/**
 * A pool of its own, which shares nothing with any other. Threads start when there is work.
 *
 * @throws ShvqError BAD_INPUT
 */
export function createPool(settings: PoolSettings = {}): Pool {
  return new WorkerPool(settings, start);
}

let shared: Pool | undefined;

function sharedPool(): Pool {
  shared ??= createPool();
  return shared;
}

/**
 * Decodes a .shv file in a worker, with a pool that is made at the first call.
 *
 * @throws ShvqError
 */
export function decode(
  source: ByteSource,
  options?: DecodeOptions & TransferOption,
): Promise<DecodedImage> {
  return sharedPool().decode(source, options);
}

/**
 * Decodes a .shv file in a worker row by row, as its bytes arrive.
 *
 * @throws ShvqError Here for what is wrong with the header, from the iteration for what comes after.
 */
export function decodeRows(
  source: ByteSource,
  options?: DecodeOptions & TransferOption,
): Promise<DecodedRows> {
  return sharedPool().decodeRows(source, options);
}

/**
 * Encodes an image in a worker, with a pool that is made at the first call.
 *
 * @returns The bytes of a .shv file.
 * @throws ShvqError
 */
export function encode(
  image: ImageLike,
  options?: EncodeOptions & TransferOption,
): Promise<Uint8Array<ArrayBuffer>> {
  return sharedPool().encode(image, options);
}

/** Ends the threads of the pool that these functions use; a later call makes a new one. */
export function dispose(): void {
  shared?.dispose();
  shared = undefined;
}
