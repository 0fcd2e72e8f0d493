import { expect, it } from 'vitest';
import { readCases } from './cases.js';
import { CHROMIUM } from './drivers/chromium.js';
import { executableOf } from './drivers/engine.js';
import { BUILDS } from './table.js';
import { tryEngine } from './trial.js';

const found = executableOf(CHROMIUM);
if (!found) {
  console.warn(
    '\n*** SKIPPED: no Chromium. The tests that compare Chromium with Node did not run. Install it' +
      ' (Debian: apt-get install chromium) or set CHROMIUM=/path/to/it. ***\n',
  );
}

it.skipIf(!found)(
  'Chromium passes every case of conformance/ with every build',
  async () => {
    const { chosen, complete, passed, problems, version } = await tryEngine(CHROMIUM, 280);
    console.log(`Chromium ${version}`);
    expect(problems).toEqual([]);
    expect(complete).toBe(true);
    expect(chosen).toBe('simd');
    const names = readCases().map(({ name }) => name);
    for (const build of BUILDS) expect(passed[build]).toEqual(names);
  },
  300_000,
);

it.runIf(process.env.CI_BROWSER === 'required')('Chromium is there', () => {
  expect(found).toBeDefined();
});
