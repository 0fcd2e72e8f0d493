/** The kernels that the host calls. Addresses are bytes in the imported memory `env.memory`. */
export { product } from './product';
export { listPairs, sparseProduct } from './sparse';
export { addRow, copyChunks, expandSymbols, readPixels, writePixels } from './rows';
export { assignScalars, assignVectors } from './assign';
export { encodeCell, finishEncoder, startEncoder } from './coder';
export { decodeWaves, encodeWaves, startDecodingTile, startEncodingTile } from './context';
export { windowSums } from './window';
/** Exported so that it stays a function of its own: see there. */
export { searchOutwards } from './symbols';
