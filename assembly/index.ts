/** The kernels that the host calls. Addresses are bytes in the imported memory `env.memory`. */
export { product } from './product';
export { encodeCell, finishEncoder, startEncoder } from './coder';
export { decodeWaves, encodeWaves, startDecodingTile, startEncodingTile } from './context';
