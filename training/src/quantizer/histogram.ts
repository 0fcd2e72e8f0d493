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
