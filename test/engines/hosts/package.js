/** The part of the package that exercise.js calls. */
export { createDecoder, createEncoder } from '../../../dist/index.js';
export { createWeightsDecoder } from '../../../dist/weights-decode.js';
