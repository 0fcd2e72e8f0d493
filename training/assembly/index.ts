export { msssimGradient, msssimMeans, msssimScratch } from './msssim';
export { assign, quantize, scatter, softBits } from './quantizer';
