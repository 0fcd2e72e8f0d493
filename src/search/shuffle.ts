import type { Tensor } from '../reference/tensor.js';

/** Two numbers at a time: blocks' sides are even, and so are the runs that are moved. */
function pairs({ buffer, byteOffset, length }: Int16Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length / 2);
}

/** docs/format.md, section 7.1, of a whole tensor. @param data For the result, of x's length. */
export function spaceToDepth(x: Tensor, block: number, data: Int16Array): Tensor {
  const [width, height] = [x.width / block, x.height / block];
  const run = (block * x.channels) / 2;
  const [from, to] = [pairs(x.data), pairs(data)];
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let column = 0; column < width; column++) {
      for (let dy = 0; dy < block; dy++) {
        const start = ((y * block + dy) * width + column) * run;
        for (let i = start; i < start + run; i++) to[at++] = from[i]!;
      }
    }
  }
  return { width, height, channels: x.channels * block * block, data };
}

/** The inverse of spaceToDepth. */
export function depthToSpace(x: Tensor, block: number, data: Int16Array): Tensor {
  const { height, width } = x;
  const channels = x.channels / (block * block);
  const run = (block * channels) / 2;
  const [from, to] = [pairs(x.data), pairs(data)];
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let column = 0; column < width; column++) {
      for (let dy = 0; dy < block; dy++) {
        const start = ((y * block + dy) * width + column) * run;
        for (let i = start; i < start + run; i++) to[i] = from[at++]!;
      }
    }
  }
  return { width: width * block, height: height * block, channels, data };
}
