import { descale } from '../entropy/distribution.js';
import type { ConvLayer, Layer, ResidualLayer, Transform } from '../model/layers.js';
import { clamp, saturate, type Tensor, zeros } from './tensor.js';

/** docs/format.md, section 7.1: conv. */
export function conv(x: Tensor, layer: ConvLayer): Tensor {
  const { kernel, stride, inputs, outputs, weights, bias, shift, min, max } = layer;
  const pad = kernel === 3 && stride === 1 ? 1 : 0;
  const out = zeros(x.width / stride, x.height / stride, outputs);
  let at = 0;
  for (let y = 0; y < out.height; y++) {
    for (let column = 0; column < out.width; column++) {
      for (let o = 0; o < outputs; o++) {
        let acc = bias[o]!;
        for (let ky = 0; ky < kernel; ky++) {
          const row = y * stride + ky - pad;
          if (row < 0 || row >= x.height) continue;
          for (let kx = 0; kx < kernel; kx++) {
            const left = column * stride + kx - pad;
            if (left < 0 || left >= x.width) continue;
            const from = (row * x.width + left) * inputs;
            const weight = ((o * kernel + ky) * kernel + kx) * inputs;
            for (let c = 0; c < inputs; c++) {
              acc = (acc + Math.imul(weights[weight + c]!, x.data[from + c]!)) | 0;
            }
          }
        }
        out.data[at++] = clamp(saturate(descale(acc, shift)), min, max);
      }
    }
  }
  return out;
}

/** docs/format.md, section 7.1: residual. */
export function residual(x: Tensor, layer: ResidualLayer): Tensor {
  const out = conv(conv(x, layer.first), layer.second);
  for (let i = 0; i < out.data.length; i++) {
    out.data[i] = clamp(x.data[i]! + out.data[i]!, layer.min, layer.max);
  }
  return out;
}

/** docs/format.md, section 7.1: spaceToDepth. */
export function spaceToDepth(x: Tensor, block: number): Tensor {
  const out = zeros(x.width / block, x.height / block, x.channels * block * block);
  let at = 0;
  for (let y = 0; y < out.height; y++) {
    for (let column = 0; column < out.width; column++) {
      for (let dy = 0; dy < block; dy++) {
        const from = ((y * block + dy) * x.width + column * block) * x.channels;
        out.data.set(x.data.subarray(from, from + block * x.channels), at);
        at += block * x.channels;
      }
    }
  }
  return out;
}

/** docs/format.md, section 7.1: depthToSpace. */
export function depthToSpace(x: Tensor, block: number): Tensor {
  const channels = x.channels / (block * block);
  const out = zeros(x.width * block, x.height * block, channels);
  let at = 0;
  for (let y = 0; y < x.height; y++) {
    for (let column = 0; column < x.width; column++) {
      for (let dy = 0; dy < block; dy++) {
        const to = ((y * block + dy) * out.width + column * block) * channels;
        out.data.set(x.data.subarray(at, at + block * channels), to);
        at += block * channels;
      }
    }
  }
  return out;
}

function apply(x: Tensor, layer: Layer): Tensor {
  switch (layer.op) {
    case 'conv':
      return conv(x, layer);
    case 'residual':
      return residual(x, layer);
    case 'spaceToDepth':
      return spaceToDepth(x, layer.block);
    case 'depthToSpace':
      return depthToSpace(x, layer.block);
  }
}

/** Trunk and shortcut of a transform on the same input. */
export function transform(x: Tensor, { trunk, shortcut }: Transform): [Tensor, Tensor] {
  return [trunk.reduce(apply, x), shortcut.reduce(apply, x)];
}
