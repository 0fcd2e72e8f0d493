/** For workerd, which compiles no WebAssembly from bytes: the delivery for the edge. */
import { createDecoder } from '../../../dist/edge-decode.js';
import { createEncoder } from '../../../dist/edge-encode.js';
import * as weights from '../../../dist/weights-decode.js';
import plain from '../../../dist/weights-plain.wasm';
import simd from '../../../dist/weights-simd.wasm';
import { exercise } from '../exercise.js';

const modules = { plain, simd };
const createWeightsDecoder = ({ wasm }) =>
  weights.createWeightsDecoder({ wasm: modules[wasm] ?? wasm });

export default {
  async test(_controller, { base }) {
    const shvq = { createDecoder, createEncoder, createWeightsDecoder };
    await exercise(shvq, { base, engine: 'workerd' });
  },
};
