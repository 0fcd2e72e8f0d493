/** Products of matrices for the compressor of weights, a module of its own. Addresses are bytes in `env.memory`. */
export { addProducts } from './products';
