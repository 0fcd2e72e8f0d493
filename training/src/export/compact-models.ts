import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildDecoderModel } from '../../../src/model/build.ts';
import { parseTensors, serializeTensors } from '../../../src/model/tensors.ts';
import { compactWeights } from './compact.ts';

/*
 * npm run compact -- --profile default --decoder-bits 4 --encoder-bits 5 --out /some/folder
 *
 * Quantizes the weights of an exported model to so many bits each, whole files counted, and writes
 * the two parts. What that costs: npm run bench:rd -- --decoder ... --encoder ...
 */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const { values: args } = parseArgs({
  options: {
    profile: { type: 'string', default: 'default' },
    'decoder-bits': { type: 'string', default: '4' },
    'encoder-bits': { type: 'string', default: '5' },
    out: { type: 'string', default: join(root, 'models') },
  },
});

const read = (part: string) =>
  parseTensors(readFileSync(join(root, `models/${args.profile}-${part}.shvw`)));
const decoder = compactWeights(read('decoder'), Number(args['decoder-bits']));
const encoder = compactWeights(read('encoder'), Number(args['encoder-bits']));
const { id } = buildDecoderModel(decoder.file);
const structure = JSON.stringify({ ...JSON.parse(encoder.file.structure), decoder: id });
mkdirSync(args.out, { recursive: true });
for (const [part, { file, bytes, bitsPerWeight }] of [
  ['decoder', decoder],
  ['encoder', { ...encoder, file: { ...encoder.file, structure } }],
] as const) {
  writeFileSync(join(args.out, `${args.profile}-${part}.shvw`), serializeTensors(file));
  console.log(`${part}: ${bitsPerWeight.toFixed(3)} bits a weight, ${bytes} bytes as version 1`);
}
