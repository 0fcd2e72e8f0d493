import type { Coding } from './header.js';

/** Elements of a row of a scan, which its first axis counts. */
export function rowOf(shape: readonly number[], { axes }: Pick<Coding, 'axes'>): number {
  return axes.slice(1).reduce((row, axis) => row * shape[axis]!, 1);
}
