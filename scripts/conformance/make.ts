/**
 * Makes the cases of conformance/ that are not there yet, and checks those that are:
 *
 *   npm run conformance:make [-- --replace NAME...]
 *
 * An expectation is written once, when all builds agree on it, and not changed after: where an
 * existing case gives something else, this fails and writes nothing. `--replace` makes the named
 * cases anew; a star at the end of a name stands for anything.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDecoder, createEncoder } from 'shvq';
import { createWeightsDecoder } from 'shvq/weights/decode';
import { SHIPPED_DECODERS } from '../../src/delivery/shipped.js';
import { shortId } from '../../src/format/model-id.js';
import { decoderTensors, encoderTensors } from '../../src/model/serialize.js';
import { serializeTensors } from '../../src/model/tensors.js';
import { GIVEN_MODELS, ROOT, readCases } from '../../test/engines/cases.js';
import { type Case, codecs, type Outcome, outcome, problem } from '../../test/engines/exercise.js';
import { syntheticModel, TORTURE } from '../../test/support/models.js';
import { damagedCases } from './damaged.js';
import { type CaseModel, folderOf, type Recipe, rowByRow } from './recipe.js';
import { shippedCases, smallCases, syntheticCases, vectorCases } from './sound.js';
import { weightsCases } from './weights.js';

const BUILDS = ['simd', 'plain', 'reference'];
const TORTURE_SEED = 1;

const patterns = replacements(process.argv.slice(2));
const read = (path: string) => readFile(join(ROOT, path));

if (matches('models')) writeTorture();
const given = await Promise.all(
  GIVEN_MODELS.map(async ({ decoder, encoder }) => ({
    decoder: await read(decoder),
    encoder: await read(encoder),
  })),
);
const shvq = { createDecoder, createEncoder, createWeightsDecoder };
const builds = BUILDS.map((build) => codecs(shvq, build, given));

const existing = readCases();
const kept = existing.filter(({ name }) => !matches(name));
const wrong: string[] = [];
for (const testCase of kept) {
  const what = problem(testCase, await agreed(testCase));
  if (what) wrong.push(`${testCase.name} ${what}`);
}
if (wrong.length > 0) {
  console.error(`${wrong.join('\n')}\n${wrong.length} cases give something else; nothing written`);
  process.exit(1);
}

const names = new Set(kept.map(({ name }) => name));
const missing = (await recipes()).filter(({ name }) => !names.has(name));
for (const recipe of missing) await write(recipe);
console.log(`${kept.length} cases hold, ${missing.length} made`);

function replacements([flag, ...rest]: string[]): string[] {
  if (flag === undefined) return [];
  if (flag === '--replace' && rest.length > 0) return rest;
  throw new Error('Usage: npm run conformance:make [-- --replace NAME...]');
}

function matches(name: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

/** Every weight, shift and clamp at its extremes. */
function writeTorture(): void {
  const { decoder, encoder } = syntheticModel(TORTURE_SEED, TORTURE);
  const file = GIVEN_MODELS[1]!;
  mkdirSync(join(ROOT, 'conformance/models'), { recursive: true });
  writeFileSync(join(ROOT, file.decoder), serializeTensors(decoderTensors(decoder)));
  writeFileSync(join(ROOT, file.encoder), serializeTensors(encoderTensors(encoder)));
}

async function recipes(): Promise<Recipe[]> {
  const [test, synthetic, vectors] = await Promise.all(
    given.map(async (model): Promise<CaseModel> => {
      const encoder = createEncoder({ model });
      const { modelId, profile } = await encoder.load();
      return { id: modelId, profile, encoder };
    }),
  );
  const all = [
    ...smallCases(test!),
    ...damagedCases(test!),
    ...syntheticCases(synthetic!),
    ...vectorCases(vectors!),
  ];
  const sound = ['1x1', 'q50', 'tiles-64', 'chunks', 'grey', 'region-across'];
  sound.push('random-symbols-q50', 'scale-1-4-alpha');
  const damaged = ['cut-tile', 'tile-bit', 'alpha-bit', 'trailing', 'model', 'tile-bit-partial'];
  const names = [...sound, ...damaged.map((name) => `bad-${name}`)].map((name) => `test-${name}`);
  all.push(...rowByRow(all, ...names, 'paper-test-tiles', 'paper-test-bad-tile'));
  all.push(...weightsCases(given[0]!.decoder));
  for (const { modelId, profile } of SHIPPED_DECODERS) {
    const encoder = createEncoder({ profile });
    const { modelId: id } = await encoder.load();
    if (shortId(id) !== modelId) continue;
    const model = { id, profile, encoder };
    const shipped = shippedCases(model);
    all.push(...shipped, ...rowByRow(shipped, `${folderOf(model)}-tiles`));
  }
  return all;
}

/** What every build gives. @throws if they differ */
async function agreed(testCase: Case): Promise<Outcome> {
  const [first, ...others] = await Promise.all(
    builds.map((codecFor) => outcome(codecFor, testCase, read)),
  );
  for (const [i, other] of others.entries()) {
    const what = problem({ ...testCase, ...first }, other);
    if (what) throw new Error(`${testCase.name}: ${BUILDS[i + 1]} and ${BUILDS[0]}: ${what}`);
  }
  return first!;
}

async function write({ about, call, make, model, name, options }: Recipe): Promise<void> {
  const folder = join(ROOT, 'conformance', name);
  const files = await make();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
  const input = Object.keys(files).find((file) => file.startsWith('input.'))!;
  const head = {
    about,
    call,
    ...(model && { profile: model.profile, model: model.id }),
    input,
    ...(options && { options }),
  };
  const gives = await agreed({ name, ...head });
  const { digests, ...rest } = { digests: undefined, ...gives };
  writeFileSync(join(folder, 'case.json'), `${JSON.stringify({ ...head, ...rest }, null, 2)}\n`);
  if (!digests) return;
  const lines = Object.entries(digests).map(([what, digest]) => `${digest}  ${what}\n`);
  writeFileSync(join(folder, 'expected.sha256'), lines.join(''));
}
