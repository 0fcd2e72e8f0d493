/** For workerd, which compiles no WebAssembly from bytes: the delivery for the edge. */
import { createDecoder } from '../../../dist/edge-decode.js';
import { createEncoder } from '../../../dist/edge-encode.js';
import { exercise } from '../exercise.js';

export default {
  async test(_controller, { base }) {
    await exercise({ createDecoder, createEncoder }, { base, engine: 'workerd' });
  },
};
