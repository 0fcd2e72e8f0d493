import type { EncoderModel, ScalarModel } from '../../src/model/layers.js';
import { referenceScalars, referenceScalarTiles } from '../../src/reference/coding.js';
import * as reference from '../../src/reference/engine.js';
import { scalarCoding } from '../../src/runtime/scalar-coding.js';
import { scalarEncoding } from '../../src/runtime/scalar-encoding.js';
import * as decoder from '../../src/runtime/wasm-decoder.js';
import * as encoder from '../../src/runtime/wasm-encoder.js';

/** The engines for models of scalars. */
type Build = 'simd' | 'plain';

export const wasmDecoder = (build: Build, module: WebAssembly.Module, model: ScalarModel) =>
  decoder.wasmDecoder(build, module, model, scalarCoding(model));

export const wasmEncoder = (
  build: Build,
  module: WebAssembly.Module,
  model: ScalarModel,
  analysis: EncoderModel,
) => encoder.wasmEncoder(build, module, model, analysis, scalarEncoding(model));

export const referenceDecoder = (model: ScalarModel) =>
  reference.referenceDecoder(model, referenceScalars(model));

export const referenceEncoder = (model: ScalarModel, analysis: EncoderModel) =>
  reference.referenceEncoder(model, analysis, referenceScalarTiles(model));
