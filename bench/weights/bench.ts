/**
 * ResNet-32 for CIFAR-10 compressed in several ways, after training: size and accuracy.
 *
 *   npm run bench:weights -- [--network FILE.safetensors] [--rows 'SHVQ 14x;int8 and brotli']
 *     [--pictures 200] [--test 10000] [--name weights]
 *
 * Needs `npm ci` in bench/weights/cifar10 (the pictures) and `npm ci && npm run setup` in training
 * (TensorFlow). With --rows only these are measured, and the file keeps its others. Writes
 * bench/results/<name>.json and .md.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fromSafetensors } from '../../src/weights.js';
import { provenance } from '../machine.js';
import { byName, type Outcome } from './baselines/methods.js';
import { testSet, unlabelled } from './cifar.js';
import { NotInstalled } from './nncodec/row.js';
import { accuracy } from './resnet.js';
import { ROWS } from './rows.js';

interface Measured {
  row: string;
  bytes: number;
  ratio: number;
  /** Per cent of the test pictures. */
  accuracy: number;
  test: number;
  pictures: number;
  /** Processor seconds of compression alone. */
  seconds: number;
  /** Of decoding, by NNCodec; `npm run bench:weights-coder` has those of a .shvw. */
  decodeSeconds?: number;
  date: string;
  commit: string;
  cpu: string;
}

const { values } = parseArgs({
  options: {
    network: {
      type: 'string',
      default: fileURLToPath(
        new URL('../../../shared/data/weights/resnet32-cifar10.safetensors', import.meta.url),
      ),
    },
    rows: { type: 'string', default: Object.keys(ROWS).join(';') },
    pictures: { type: 'string', default: '200' },
    test: { type: 'string', default: '10000' },
    name: { type: 'string', default: 'weights' },
  },
});

const { tensors } = fromSafetensors(readFileSync(values.network));
const { data: pictures } = await unlabelled(Number(values.pictures));
const test = await testSet(Number(values.test));
const original = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
const { date, commit, cpu } = provenance('bench:weights');
const json = `bench/results/${values.name}.json`;
mkdirSync('bench/results', { recursive: true });

for (const row of values.rows.split(';')) {
  const make = ROWS[row];
  if (!make) throw new Error(`no row ${row}; there are ${Object.keys(ROWS).join('; ')}`);
  const before = process.cpuUsage();
  let made: Outcome;
  try {
    made = await make({ tensors, pictures });
  } catch (error) {
    if (!(error instanceof NotInstalled)) throw error;
    console.warn(`SKIPPED ${row}: ${error.message}`);
    continue;
  }
  const { user, system } = process.cpuUsage(before);
  const right = await accuracy(new Map([...byName(tensors), ...made.tensors]), test);
  write({
    row,
    bytes: made.bytes,
    ratio: Number((original / made.bytes).toFixed(2)),
    accuracy: Number((100 * right).toFixed(2)),
    test: test.count,
    pictures: Number(values.pictures),
    seconds: Number((made.seconds ?? (user + system) / 1e6).toFixed(1)),
    ...(made.decodeSeconds && { decodeSeconds: Number(made.decodeSeconds.toFixed(3)) }),
    date,
    commit,
    cpu,
  });
}

/** Puts a row into the file, in the table's order, in place of an older one. */
function write(measured: Measured): void {
  console.log(JSON.stringify(measured));
  const old = existsSync(json) ? (JSON.parse(readFileSync(json, 'utf8')) as Measured[]) : [];
  const all = new Map(old.map((m) => [m.row, m])).set(measured.row, measured);
  const rows = Object.keys(ROWS).flatMap((row) => all.get(row) ?? []);
  writeFileSync(json, `${JSON.stringify(rows, null, 1)}\n`);
  writeFileSync(`bench/results/${values.name}.md`, table(rows));
}

function table(rows: readonly Measured[]): string {
  const lines = rows.map(
    (m) =>
      `| ${m.row} | ${m.bytes.toLocaleString('en')} | ${m.ratio.toFixed(2)} | ` +
      `${m.accuracy.toFixed(2)} | ${m.test.toLocaleString('en')} | ${m.seconds} |`,
  );
  return [
    'ResNet-32 for CIFAR-10 after training, without labels and without re-training:',
    '`npm run bench:weights`. Ratio: bytes of float32 over bytes of the whole file.',
    '',
    '| method | bytes | ratio | accuracy, % | test pictures | seconds |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}
