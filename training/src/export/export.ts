import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SHIPPED_BITS } from '../compact/compact.ts';
import { loadConfig } from '../config.ts';
import { readTrainingSet, trainingFolder } from '../data/images.ts';
import { layoutOf } from '../model/parameters.ts';
import { loadAveraged } from '../state/load.ts';
import { useNativeBackend } from '../tf.ts';
import { evaluationPictures, kodakFolder } from '../watch/evaluate.ts';
import { History, type Point } from '../watch/history.ts';
import { ship } from './ship.ts';

/*
 * npm run export -- --profile default
 *
 * Writes models/<profile>-decoder.shvw, models/<profile>-encoder.shvw and their card from the
 * averaged weights of a run, finished or not, and prints the card.
 */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { values: args } = parseArgs({
  options: {
    profile: { type: 'string', default: 'default' },
    /** Training pictures, on which the activations' ranges are calibrated. */
    data: { type: 'string', default: trainingFolder(root) },
    /** Pictures that the card's tables are measured on. */
    kodak: { type: 'string', default: kodakFolder(root) },
    /** Every n-th of them. */
    every: { type: 'string', default: '8' },
    /** A compact state or a checkpoint; without it the run's own. */
    from: { type: 'string' },
    /** Bits that a weight of each part may take, whole files counted. */
    'decoder-bits': { type: 'string', default: String(SHIPPED_BITS.decoder) },
    'encoder-bits': { type: 'string', default: String(SHIPPED_BITS.encoder) },
    out: { type: 'string', default: join(root, '../models') },
  },
});

console.log(`backend ${useNativeBackend()}`);
const config = loadConfig(root, args.profile);
const layout = layoutOf(config.structure);
const { step, weights, path } = loadAveraged(root, config.profile, layout, args.from);
console.log(`${config.profile}: averaged weights of step ${step} from ${path}`);
const { points } = new History<Point>(
  join(root, 'runs', config.profile, 'history.jsonl'),
  Number.POSITIVE_INFINITY,
);
const seconds = points.filter((p) => p.step <= step).reduce((sum, p) => sum + p.seconds, 0);
console.log(
  await ship({
    config,
    layout,
    weights,
    step,
    hours: seconds > 0 ? seconds / 3600 : undefined,
    images: await readTrainingSet(args.data),
    pictures: await evaluationPictures(args.kodak, Number(args.every)),
    bits: { decoder: Number(args['decoder-bits']), encoder: Number(args['encoder-bits']) },
    out: args.out,
  }),
);
