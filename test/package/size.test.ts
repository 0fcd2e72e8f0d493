import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { markedTable, type SizeRow, sizeTable } from '../../bench/size.js';

const { rows } = JSON.parse(readFileSync('bench/results/size.json', 'utf8')) as {
  rows: SizeRow[];
};

it('the README shows the sizes that were measured', () => {
  expect(markedTable(readFileSync('README.md', 'utf8'))).toBe(`${sizeTable(rows)}\n`);
});

it('a decoder with its kernels and the weights decoder takes at most 40 KB', () => {
  const decoders = rows.filter(({ name }) => name.startsWith('decoder'));
  expect(decoders.length).toBe(4);
  expect(decoders.some(({ name }) => name.includes('weights decoder'))).toBe(true);
  for (const { code, kernels } of decoders) expect(code + kernels).toBeLessThanOrEqual(40_000);
});
