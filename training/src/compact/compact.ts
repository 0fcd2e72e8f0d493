import { buildDecoderModel, buildEncoderModel } from '../../../src/model/build.ts';
import type { DecoderModel, EncoderModel } from '../../../src/model/layers.ts';
import type { TensorFile } from '../../../src/model/tensors.ts';
import { exp2, log2 } from '../../../src/weights/compress/math.ts';
import { PriceSearch } from '../../../src/weights/compress/price.ts';
import { tf } from '../tf.ts';
import { decoderMatrices, encoderMatrices, type Matrix } from './matrices.ts';
import type { MatrixWeights } from './network.ts';
import { type Prepared, prepare, type QuantizedLayer, quantizeLayer } from './quantize.ts';
import { measureSensitivity, type Probing, type Sensitivity } from './sensitivity.ts';
import { type CompactPart, storePart } from './store.ts';

/** Bits a weight, whole files counted. */
export interface Bits {
  decoder: number;
  encoder: number;
}

/** What is shipped, so that a whole decoder is below 250 KB; what it loses is measured for the models' cards. */
export const SHIPPED_BITS: Bits = { decoder: 3.7, encoder: 4.95 };

/** A model on compressed weights, and the files that hold it. */
export interface CompactModel {
  decoder: DecoderModel;
  encoder: EncoderModel;
  files: { decoder: Compacted; encoder: Compacted };
}

export interface Compacted extends CompactPart {
  /** 8 * bytes, without those of tables of vectors, over the number of weights. */
  bitsPerWeight: number;
  /** By the sensitivity: ln(rate) at equal quality that the weights' errors cost. */
  cost: number;
}

/** Part of its size that a file may be off. */
const NEAR = 0.003;
/** Logarithm to base 2 of the price of a bit to begin with. */
const PRICE = -26;
/** A bit is not worth less: what is left of errors is lost in the integers' roundings. */
const PRICE_LEAST = -30;
const PASSES = 6;
const WRITES = 3;

/** A matrix out of a part's tensors: [rows][columns]. */
export function gather({ tensors }: TensorFile, { rows, columns, parts }: Matrix): Float64Array {
  const out = new Float64Array(rows * columns);
  for (const part of parts) {
    const found = tensors.find(({ name }) => name === part.tensor);
    if (!found) throw new Error(`no tensor ${part.tensor}`);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < part.columns; column++) {
        out[row * columns + part.from + column] = found.data[part.at(row, column)];
      }
    }
  }
  return out;
}

/** The biases of a matrix: [rows]. */
export function biasOf({ tensors }: TensorFile, { bias }: Matrix): Int32Array {
  return Int32Array.from(tensors.find(({ name }) => name === bias)?.data ?? []);
}

/** What a model of vectors has beside networks, which stays as it is: no weights, but many bytes. */
const VECTOR_TABLES = /^(codebook\.centers|histogram\.logits)$/;

/** Bytes that the tables of vectors take. */
function tableBytes(part: TensorFile): number {
  const file = (tensors: TensorFile['tensors']) => storePart({ ...part, tensors }, []).bytes.length;
  return file(part.tensors.filter(({ name }) => VECTOR_TABLES.test(name))) - file([]);
}

/**
 * Quantizes a part so that its whole file, tables of vectors apart, takes so many bits a weight, or
 * fewer where more are lost.
 */
function compactPart(part: TensorFile, prepared: readonly Prepared[], bits: number): Compacted {
  const count = prepared.reduce((sum, { weights }) => sum + weights.length, 0);
  const tables = tableBytes(part);
  const wanted = (bits * count) / 8 + tables;
  // Writing takes longer than quantizing: the price is searched by the assignment's own estimate of
  // its bits, and each file says how far that is off.
  let beside = tables;
  let price = PRICE;
  for (let writes = 1; ; writes++) {
    const search = new PriceSearch(price);
    let layers: QuantizedLayer[] = [];
    let estimate = 0;
    for (let pass = 0; pass < PASSES; pass++) {
      price = search.price;
      layers = prepared.map((layer) => quantizeLayer(layer, exp2(price)));
      estimate = layers.reduce((sum, layer) => sum + layer.bits, 0) / 8;
      const size = estimate + beside;
      if (price <= PRICE_LEAST && size <= wanted) break;
      if (Math.abs(size / wanted - 1) < NEAR || !search.next(log2(size), log2(wanted))) break;
      search.price = Math.max(search.price, PRICE_LEAST);
    }
    const stored = storePart(part, layers);
    const { length } = stored.bytes;
    beside = length - estimate;
    const done =
      Math.abs(length / wanted - 1) < 2 * NEAR || (price <= PRICE_LEAST && length < wanted);
    if (!done && writes < WRITES) continue;
    const cost = layers.reduce((sum, layer) => sum + layer.cost, 0);
    return { ...stored, bitsPerWeight: (8 * (length - tables)) / count, cost };
  }
}

/** The networks of both parts, and the matrices of weights in them. */
export function openParts(parts: { decoder: TensorFile; encoder: TensorFile }) {
  const model = {
    decoder: buildDecoderModel(parts.decoder),
    encoder: buildEncoderModel(parts.encoder),
  };
  const matrices = {
    decoder: decoderMatrices(model.decoder),
    encoder: encoderMatrices(model.encoder),
  };
  return { model, matrices };
}

/**
 * Quantizes the weights of an exported model: so many bits each, whole files counted.
 *
 * @param parts Tensors of the decoder's and of the encoder's part.
 */
export function compactModel(
  parts: { decoder: TensorFile; encoder: TensorFile },
  bits: Bits,
  probing: Omit<Probing, 'model'>,
): CompactModel {
  const { model, matrices } = openParts(parts);
  const tensors = new Map<string, MatrixWeights>();
  for (const part of ['decoder', 'encoder'] as const) {
    for (const matrix of matrices[part]) {
      const { rows, columns, name } = matrix;
      const data = Float32Array.from(gather(parts[part], matrix));
      const bias = Float32Array.from(biasOf(parts[part], matrix));
      tensors.set(name, { weights: tf.tensor2d(data, [rows, columns]), bias: tf.tensor1d(bias) });
    }
  }
  const of = (name: string) => tensors.get(name) as MatrixWeights;
  const sensitivity = measureSensitivity(matrices, of, { ...probing, model });
  for (const { weights, bias } of tensors.values()) tf.dispose([weights, bias]);
  const compacted = (part: 'decoder' | 'encoder', file: TensorFile) => {
    const prepared = matrices[part].map((matrix) =>
      prepare(
        matrix,
        gather(file, matrix),
        biasOf(file, matrix),
        sensitivity[part].get(matrix.name) as Sensitivity,
      ),
    );
    return compactPart(file, prepared, bits[part]);
  };
  const ofDecoder = compacted('decoder', parts.decoder);
  const decoder = buildDecoderModel(ofDecoder.part);
  const structure = { ...JSON.parse(parts.encoder.structure), decoder: decoder.id };
  const ofEncoder = compacted('encoder', {
    ...parts.encoder,
    structure: JSON.stringify(structure),
  });
  const encoder = buildEncoderModel(ofEncoder.part);
  return { decoder, encoder, files: { decoder: ofDecoder, encoder: ofEncoder } };
}
