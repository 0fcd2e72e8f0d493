import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Case } from './exercise.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Models that cases are made with and the package does not ship: .shvw files from the root. */
export const GIVEN_MODELS = [
  { decoder: 'models/test-decoder.shvw', encoder: 'models/test-encoder.shvw' },
  {
    decoder: 'conformance/models/synthetic-decoder.shvw',
    encoder: 'conformance/models/synthetic-encoder.shvw',
  },
  { decoder: 'models/paper-test-decoder.shvw', encoder: 'models/paper-test-encoder.shvw' },
];

/** Every case of conformance/, by name. */
export function readCases(): Case[] {
  const folder = join(ROOT, 'conformance');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'models')
    .map(({ name }) => readCase(join(folder, name), name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readCase(folder: string, name: string): Case {
  const { error, ...rest } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
  if (error) return { name, ...rest, error };
  const lines = readFileSync(join(folder, 'expected.sha256'), 'utf8').trim().split('\n');
  const digests = Object.fromEntries(
    lines.map((line) => {
      const [digest, what] = line.split('  ');
      return [what!, digest!];
    }),
  );
  return { name, ...rest, digests };
}
