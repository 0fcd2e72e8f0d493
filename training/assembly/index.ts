export { msssimGradient, msssimMeans, msssimScratch } from './msssim';
export { accumulate, follow, move, sumOfSquares } from './optimizer';
export { assign, quantize, scatter, softBits } from './quantizer';
