/**
 * -log2 of the histogram of symbols, [L]. Each count starts at 1/2, so that a center that nobody
 * chose has a finite price and can come back.
 */
export function codeLengths(symbols: Int32Array, centers: number): Float32Array {
  const counts = new Float64Array(centers).fill(0.5);
  for (const k of symbols) counts[k]++;
  const total = symbols.length + 0.5 * centers;
  return Float32Array.from(counts, (count) => -Math.log2(count / total));
}

/** Vectors that the histogram of all channels counts for in each. */
const COMMON = 64;

/**
 * -log2 of the histograms of each channel, [channels][L], channels being the fastest of symbols.
 * Each begins at the histogram of all channels, since few vectors of a batch are of one channel.
 */
export function channelCodeLengths(
  symbols: Int32Array,
  channels: number,
  centers: number,
): Float32Array {
  const common = codeLengths(symbols, centers).map((bits) => COMMON * 2 ** -bits);
  const counts = new Float64Array(channels * centers);
  for (let c = 0; c < channels; c++) counts.set(common, c * centers);
  for (let i = 0; i < symbols.length; i++) counts[(i % channels) * centers + symbols[i]]++;
  const total = symbols.length / channels + COMMON;
  return Float32Array.from(counts, (count) => -Math.log2(count / total));
}
