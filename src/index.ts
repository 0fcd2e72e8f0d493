/** The whole SDK; `shvq/decode` and `shvq/encode` are its halves. */
export * from './decode.js';
export * from './encode.js';
