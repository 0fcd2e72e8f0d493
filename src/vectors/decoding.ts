/**
 * Decoding of vectors (profile `paper`): what the engines take for a model whose codebook is in R^d.
 * Fetched only with such a model.
 */
import { symbolsOf, type VectorModel } from '../model/layers.js';
import type { ReferenceCoding } from '../reference/coding.js';
import type { SymbolCoding, SymbolCodingOf } from '../runtime/symbol-coding.js';
import { decodeVectors } from './histogram.js';
import { dequantizeVectors, tableBytes, vectorQuantizerAt } from './quantizer.js';

/** Bytes of a symbol. */
const BYTES = 2;

/** Vectors on the kernels: the networks run there, the few symbols are the host's. */
function vectorCoding(model: VectorModel): SymbolCoding {
  const positionBytes = BYTES * symbolsOf(model);
  return {
    positionBytes,
    blank: 0,
    load: () => {},
    plan: (_plan, columns, rows) => ({
      hostBytes: tableBytes(model) + columns * rows * positionBytes,
      open: (machine, plane, quality) => {
        const quantizer = vectorQuantizerAt(model, quality);
        const { symbols: n } = quantizer;
        const addressOf = (row: number, column: number) =>
          plane.address + (row * plane.columns + column) * positionBytes;
        return {
          decode: (payload, { height, width, x, y }) => {
            const symbols = decodeVectors(quantizer, payload, width * height);
            for (let row = 0; row < height; row++) {
              const part = symbols.subarray(row * width * n, (row + 1) * width * n);
              machine.write(addressOf(y + row, x), part);
            }
          },
          expand: (row, column, width, dst, stride) => {
            const { buffer } = machine.memory;
            const symbols = new Uint16Array(buffer, addressOf(row, column), width * n);
            const latent = new Int16Array(buffer, dst, (width * stride) / 2);
            dequantizeVectors(quantizer, symbols, latent, stride / 2);
          },
        };
      },
    }),
  };
}

/** Vectors in the reference. */
function referenceCoding(model: VectorModel): ReferenceCoding {
  const n = symbolsOf(model);
  return {
    positionBytes: BYTES * n,
    blank: 0,
    tableBytes: tableBytes(model),
    open: (quality) => {
      const quantizer = vectorQuantizerAt(model, quality);
      return {
        decodeTile: (width, height, payload) =>
          new Uint8Array(decodeVectors(quantizer, payload, width * height).buffer),
        dequantize: ({ buffer, byteOffset, byteLength }, latent) =>
          dequantizeVectors(
            quantizer,
            new Uint16Array(buffer, byteOffset, byteLength / BYTES),
            latent,
          ),
      };
    },
  };
}

/** The coding of a model of vectors, for the engines on the kernels and for the reference. */
export function vectorDecoding(model: VectorModel): {
  kernels: SymbolCodingOf;
  reference: ReferenceCoding;
} {
  return { kernels: () => vectorCoding(model), reference: referenceCoding(model) };
}
