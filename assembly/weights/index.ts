/** The decoder of weights, a module of its own. Addresses are bytes in `env.memory`. */
export { startCode, startModels } from './bits';
export { decodeSequence } from './sequence';
export { decodeIndices } from './indices';
export { decodePlanes } from './planes';
