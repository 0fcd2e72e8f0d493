import { type Tensor, zeros } from '../reference/tensor.js';

/**
 * Calls `visit` with where each run of values of a fine grid lies in it and in its coarse grid: what
 * depthToSpace and spaceToDepth of docs/format.md, section 7.1, move.
 */
function eachRun(
  columns: number,
  rows: number,
  run: number,
  block: number,
  visit: (fine: number, coarse: number) => void,
): void {
  let coarse = 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let dy = 0; dy < block; dy++) {
        visit(((y * block + dy) * columns + x) * run, coarse);
        coarse += run;
      }
    }
  }
}

/** docs/format.md, section 7.1, of a whole tensor. */
export function spaceToDepth(x: Tensor, block: number): Tensor {
  const out = zeros(x.width / block, x.height / block, x.channels * block * block);
  const run = block * x.channels;
  eachRun(out.width, out.height, run, block, (fine, coarse) => {
    for (let i = 0; i < run; i++) out.data[coarse + i] = x.data[fine + i]!;
  });
  return out;
}

/** The inverse of spaceToDepth. */
export function depthToSpace(x: Tensor, block: number): Tensor {
  const out = zeros(x.width * block, x.height * block, x.channels / (block * block));
  const run = block * out.channels;
  eachRun(x.width, x.height, run, block, (fine, coarse) => {
    for (let i = 0; i < run; i++) out.data[fine + i] = x.data[coarse + i]!;
  });
  return out;
}
