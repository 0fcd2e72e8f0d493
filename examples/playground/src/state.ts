import { computed, signal } from '@preact/signals';
import type { CodecName, Encoded } from './codec/types.js';
import type { Picture } from './picture/load.js';

export type { Picture };

/** What the page shows; the components read it and `actions.ts` changes it. */

export type Tab = 'image' | 'weights';
export type Goal = 'quality' | 'size';

export const tab = signal<Tab>('image');
export const picture = signal<Picture | undefined>(undefined);

export const goal = signal<Goal>('quality');
/** 0..100 */
export const quality = signal(60);
/** Kilobytes of 1,000 bytes. */
export const kilobytes = signal(50);
/** 0..9 */
export const effort = signal(5);
/** Whether the other codecs are run at the size of the shvq file. */
export const comparing = signal(true);

export interface Work {
  readonly label: string;
  /** 0..1, or undefined where it is not known. */
  readonly fraction: number | undefined;
}

export const work = signal<Work | undefined>(undefined);
export const problem = signal<string | undefined>(undefined);

/** By codec, in the order in which they were made. */
export const encoded = signal<ReadonlyMap<CodecName, Encoded>>(new Map());
/** The one on the right of the slider. */
export const shown = signal<CodecName>('shvq');
export const shownResult = computed(
  () => encoded.value.get(shown.value) ?? encoded.value.get('shvq'),
);
