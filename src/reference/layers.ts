import { descale } from '../entropy/distribution.js';
import type { ConvLayer, Layer, ResidualLayer, Transform } from '../model/layers.js';
import { makeRows, type Rows } from './rows.js';
import { clamp, saturate } from './tensor.js';

/** docs/format.md, section 7.1: conv. */
export function conv(x: Rows, layer: ConvLayer): Rows {
  const { kernel, stride, inputs, outputs, weights, bias, shift, min, max } = layer;
  const pad = kernel === 3 && stride === 1 ? 1 : 0;
  return makeRows(x.width / stride, x.height / stride, outputs, (y, out) => {
    const rows = Array.from({ length: kernel }, (_, ky) => {
      const row = y * stride + ky - pad;
      return row < 0 || row >= x.height ? undefined : x.row(row);
    });
    let at = 0;
    for (let column = 0; column < x.width / stride; column++) {
      for (let o = 0; o < outputs; o++) {
        let acc = bias[o]!;
        for (let ky = 0; ky < kernel; ky++) {
          const values = rows[ky];
          if (!values) continue;
          for (let kx = 0; kx < kernel; kx++) {
            const left = column * stride + kx - pad;
            if (left < 0 || left >= x.width) continue;
            const from = left * inputs;
            const weight = ((o * kernel + ky) * kernel + kx) * inputs;
            for (let c = 0; c < inputs; c++) {
              acc = (acc + Math.imul(weights[weight + c]!, values[from + c]!)) | 0;
            }
          }
        }
        out[at++] = clamp(saturate(descale(acc, shift)), min, max);
      }
    }
  });
}

/** docs/format.md, section 7.1: residual. */
export function residual(x: Rows, layer: ResidualLayer): Rows {
  const change = conv(conv(x, layer.first), layer.second);
  return makeRows(x.width, x.height, x.channels, (y, out) => {
    const delta = change.row(y);
    const base = x.row(y);
    for (let i = 0; i < out.length; i++) {
      out[i] = clamp(base[i]! + delta[i]!, layer.min, layer.max);
    }
  });
}

/** docs/format.md, section 7.1: spaceToDepth. */
export function spaceToDepth(x: Rows, block: number): Rows {
  const { channels } = x;
  const part = block * channels;
  return makeRows(x.width / block, x.height / block, part * block, (y, out) => {
    for (let dy = 0; dy < block; dy++) {
      const fine = x.row(y * block + dy);
      for (let from = 0, to = dy * part; from < fine.length; from += part, to += part * block) {
        out.set(fine.subarray(from, from + part), to);
      }
    }
  });
}

/** docs/format.md, section 7.1: depthToSpace. */
export function depthToSpace(x: Rows, block: number): Rows {
  const channels = x.channels / (block * block);
  const part = block * channels;
  return makeRows(x.width * block, x.height * block, channels, (y, out) => {
    const coarse = x.row(Math.floor(y / block));
    const dy = y % block;
    for (let to = 0, from = dy * part; to < out.length; to += part, from += part * block) {
      out.set(coarse.subarray(from, from + part), to);
    }
  });
}

function apply(x: Rows, layer: Layer): Rows {
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
export function transform(x: Rows, { trunk, shortcut }: Transform): [Rows, Rows] {
  return [trunk.reduce(apply, x), shortcut.reduce(apply, x)];
}
