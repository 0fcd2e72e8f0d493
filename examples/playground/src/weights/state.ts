import { signal } from '@preact/signals';
import type { CompressedNetwork } from './types.js';

export interface NetworkFile {
  readonly name: string;
  readonly file: Blob;
}

export const network = signal<NetworkFile | undefined>(undefined);
/** Bytes of the tensors over bytes of the file. */
export const ratio = signal(8);
/** 0..1 while a network is being compressed. */
export const fraction = signal<number | undefined>(undefined);
export const compressed = signal<CompressedNetwork | undefined>(undefined);
export const weightsProblem = signal<string | undefined>(undefined);
