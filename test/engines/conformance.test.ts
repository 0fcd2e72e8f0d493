import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDecoder, createEncoder } from 'shvq';
import { createWeightsDecoder } from 'shvq/weights/decode';
import { describe, expect, it } from 'vitest';
import { GIVEN_MODELS, ROOT, readCases } from './cases.js';
import { codecs, outcome, problem } from './exercise.js';
import { BUILDS } from './table.js';

const shvq = { createDecoder, createEncoder, createWeightsDecoder };
const cases = readCases();
const read = (path: string) => readFile(join(ROOT, path));
const models = await Promise.all(
  GIVEN_MODELS.map(async ({ decoder, encoder }) => ({
    decoder: await read(decoder),
    encoder: await read(encoder),
  })),
);

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => statSync(join(folder, path)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
}

describe('conformance/', () => {
  it('is small, and every case expects bytes or an error', () => {
    expect(bytesBelow(join(ROOT, 'conformance'))).toBeLessThan(2_000_000);
    for (const { about, call, digests, error, model } of cases) {
      expect(about).toBeTruthy();
      if (call !== 'decodeWeights') expect(model).toMatch(/^[0-9a-f]{64}$/);
      expect(Object.keys(error ?? digests ?? {}).length).toBeGreaterThan(0);
    }
  });

  it.each(BUILDS)('is what the %s build gives', async (build) => {
    const codecFor = codecs(shvq, build, models);
    const wrong: string[] = [];
    for (const testCase of cases) {
      const what = problem(testCase, await outcome(codecFor, testCase, read));
      if (what) wrong.push(`${testCase.name} ${what}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('a case fails', () => {
  const codecFor = codecs(shvq, 'plain', models);
  const named = (name: string) => cases.find((testCase) => testCase.name === name)!;
  const picture = named('test-chunks');
  const damaged = named('test-bad-tile-bit');

  it.each([
    ['other pixels', { ...picture, digests: { ...picture.digests, pixels: '0'.repeat(64) } }],
    ['other metadata', { ...picture, digests: { ...picture.digests, icc: '0'.repeat(64) } }],
    ['no metadata', { ...picture, digests: { pixels: picture.digests!.pixels! } }],
    ['another size', { ...picture, result: { ...picture.result, width: 131 } }],
    ['an error', { ...picture, error: { code: 'CORRUPT' } }],
    ['another code', { ...damaged, error: { ...damaged.error!, code: 'TRUNCATED' } }],
    ['another tile', { ...damaged, error: { ...damaged.error!, tile: 0 } }],
    ['no tile', { ...damaged, error: { code: 'CORRUPT', offset: damaged.error!.offset! } }],
  ])('that expects %s', async (_, testCase) => {
    expect(problem(testCase, await outcome(codecFor, testCase, read))).toMatch(/^gave /);
  });

  it('that another model should decode', async () => {
    const other = { ...picture, model: named('synthetic-scene-q0').model! };
    const given = await outcome(codecFor, other, read);
    expect(given).toEqual({ error: { code: 'WRONG_MODEL' } });
  });
});
