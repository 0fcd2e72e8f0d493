import type { Config } from '../config.ts';
import { drawBatch, type ImageSet } from '../data/images.ts';
import { batchLoss, lambdasOf } from '../loss/batch.ts';
import { addedToShortcut, deadUnits } from '../model/activity.ts';
import { codebookOf, scaledLatent } from '../model/codec.ts';
import type { Layout } from '../model/parameters.ts';
import type { Schedule } from '../optim/schedule.ts';
import { softnessOf } from '../quantizer/softness.ts';
import { Rng } from '../rng.ts';
import { tf } from '../tf.ts';
import { unpack } from '../trainer.ts';

/** How far the soft quantizer is from the hard one. */
export interface Softness {
  /** Hard minus soft loss (minus noisy loss, where noise goes forward) on the same crops. */
  gap: number;
  /** Share of the soft assignment that is not on the nearest center. */
  offNearest: number;
  /** Share of the analysis' units that no position of the crops turns on. */
  dead: number;
  /** What the analysis adds to its shortcut, as a share of it: `addedToShortcut`. */
  added: number;
  /** Ascending centers of scalars; null for vectors. */
  centers: number[] | null;
}

const SAMPLES = 4;

/** Measures the quantizer on the same few training crops all through a run. */
export class Probe {
  private readonly data: Float32Array;
  private readonly rates: Int32Array;
  private readonly seed: number;

  /** Draws with a generator of its own: a run takes the same steps with and without it. */
  constructor(
    private readonly config: Config,
    private readonly layout: Layout,
    images: ImageSet,
  ) {
    const { run, structure } = config;
    this.seed = run.seed + 1_000_003;
    this.data = drawBatch(images, SAMPLES, run.crop, new Rng(this.seed));
    this.rates = Int32Array.from({ length: SAMPLES }, (_, i) =>
      Math.floor(((i + 0.5) * structure.rates) / SAMPLES),
    );
  }

  /** @param flat The weights of the step, in the layout's order. */
  measure(flat: Float32Array, { sigma, distortion }: Schedule): Softness {
    const { config, rates } = this;
    let measured = {
      gap: Number.NaN,
      offNearest: Number.NaN,
      dead: 0,
      added: Number.NaN,
      centers: null,
    } as Softness;
    tf.tidy(() => {
      const w = unpack(this.layout, flat);
      const { crop } = config.run;
      const x = tf.tensor4d(this.data, [SAMPLES, crop, crop, 3]);
      const batch = { x, rates, lambda: lambdasOf(config, distortion, rates) };
      const forward = config.run.forward === 'noise' ? ('noise' as const) : ('soft' as const);
      const lossOf = (options: Parameters<typeof batchLoss>[4]) =>
        batchLoss(config, w, batch, distortion, options).total.dataSync()[0];
      const hard = lossOf({ sigma: Number.POSITIVE_INFINITY, forward: 'hard' });
      const soft = lossOf({ sigma, forward, rng: new Rng(this.seed) });
      const codebook = codebookOf(w, config.structure);
      const z = scaledLatent(w, config.structure, x, rates);
      measured = {
        gap: hard - soft,
        offNearest: softnessOf(z, codebook, sigma),
        dead: deadUnits(w, config.structure, x),
        added: addedToShortcut(w, config.structure, x),
        centers: codebook.kind === 'scalars' ? Array.from(codebook.centers.dataSync()) : null,
      };
    });
    return measured;
  }
}
