/**
 * Lengths of Huffman's code for counts of symbols.
 *
 * @returns Bits of each symbol; 0 where it does not occur, 1 where it is the only one.
 */
export function huffmanLengths(counts: readonly number[]): number[] {
  type Node = { count: number; symbols: number[] };
  const lengths = counts.map(() => 0);
  const nodes: Node[] = counts
    .map((count, symbol) => ({ count, symbols: [symbol] }))
    .filter(({ count }) => count > 0);
  if (nodes.length === 1) lengths[nodes[0]!.symbols[0]!] = 1;
  while (nodes.length > 1) {
    nodes.sort((a, b) => b.count - a.count);
    const [a, b] = [nodes.pop()!, nodes.pop()!];
    const symbols = [...a.symbols, ...b.symbols];
    for (const symbol of symbols) lengths[symbol] = lengths[symbol]! + 1;
    nodes.push({ count: a.count + b.count, symbols });
  }
  return lengths;
}

/** Bits of symbols under a Huffman code of their own, with a byte a symbol for its lengths. */
export function huffmanBits(symbols: Iterable<number>, size: number): number {
  const counts = new Array<number>(size).fill(0);
  for (const symbol of symbols) counts[symbol] = counts[symbol]! + 1;
  const lengths = huffmanLengths(counts);
  return lengths.reduce((bits, length, i) => bits + length * counts[i]!, 8 * size);
}
