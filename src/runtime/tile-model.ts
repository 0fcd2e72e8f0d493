import { GROUP_BYTES } from '../../assembly/tile-layout.js';
import { LOGISTIC, SCALE_MANTISSA } from '../entropy/tables.js';
import { CONTEXT_TAPS, SCALE_COUNT } from '../format/constants.js';
import type { ContextModel, ScalarModel } from '../model/layers.js';
import type { Machine } from './machine.js';
import {
  biasBytes,
  packBias,
  packedBytes,
  packSparse,
  packWeights,
  padLength,
  sparseBytes,
} from './pack.js';
import type { Plan } from './plan.js';

/** Addresses of a group's layers: on the taps' outputs and the groups before, and on that. */
interface GroupAddresses {
  readonly hidden: number;
  readonly hiddenBias: number;
  readonly parameters: number;
  readonly parametersBias: number;
}

/** [6][outputs][channels] to [outputs][6][channels]. */
function tapWeights({ weights, outputs }: ContextModel['taps']): Int16Array {
  const taps = CONTEXT_TAPS.length;
  const channels = weights.length / taps / outputs;
  const out = new Int16Array(weights.length);
  for (let tap = 0; tap < taps; tap++) {
    for (let o = 0; o < outputs; o++) {
      const from = (tap * outputs + o) * channels;
      out.set(weights.subarray(from, from + channels), (o * taps + tap) * channels);
    }
  }
  return out;
}

/** Inputs of a group's hidden layer: the taps' outputs, then the latent's channels before it. */
function hiddenInputs({ taps, groupSize }: ContextModel, group: number): number {
  return padLength(taps.outputs) + group * groupSize;
}

/** [hidden][hiddenInputs] */
function hiddenWeights(context: ContextModel, group: number): Int16Array {
  const { hidden, links } = context.groups[group]!;
  const { outputs } = context.hidden;
  const taps = context.taps.outputs;
  const before = group * context.groupSize;
  const inputs = hiddenInputs(context, group);
  const out = new Int16Array(outputs * inputs);
  for (let o = 0; o < outputs; o++) {
    out.set(hidden.weights.subarray(o * taps, (o + 1) * taps), o * inputs);
    out.set(links.subarray(o * before, (o + 1) * before), (o + 1) * inputs - before);
  }
  return out;
}

/** (LOGISTIC[i], LOGISTIC[i + 1] - LOGISTIC[i]) for each i. */
function logisticPairs(): Uint32Array {
  const out = new Uint32Array(2 * LOGISTIC.length);
  LOGISTIC.forEach((value, i) => {
    out[2 * i] = value;
    out[2 * i + 1] = (LOGISTIC[i + 1] ?? value) - value;
  });
  return out;
}

/** (mantissa, shift) for each scale. */
function scalePairs(): Uint32Array {
  return Uint32Array.from({ length: 2 * SCALE_COUNT }, (_, i) =>
    i & 1 ? 4 + (i >> 3) : SCALE_MANTISSA[(i >> 1) & 3]!,
  );
}

/** Entries of the table of src/entropy/cost.ts, which encoders write: tile-writer.ts. */
const LOG2_LENGTH = 256;

/** What the tile kernels read of a model, packed; it stays in memory from picture to picture. */
export class TileModel {
  readonly taps: number;
  readonly tapsBias: number;
  /** GROUP_BYTES for each group: addresses of its layers. */
  readonly groupTable: number;
  readonly logistic: number;
  readonly scales: number;
  readonly log2: number;
  readonly centers: number;
  readonly #groups: readonly GroupAddresses[];

  /** @param plan Gives out the memory. */
  constructor(
    plan: Plan,
    readonly model: ScalarModel,
  ) {
    const { context, latent } = model;
    const { groups, groupSize, hidden, taps } = context;
    this.taps = plan.take(sparseBytes(taps.outputs, CONTEXT_TAPS.length, latent.channels));
    this.tapsBias = plan.take(biasBytes(taps.outputs));
    this.groupTable = plan.take(groups.length * GROUP_BYTES);
    this.#groups = groups.map((_, g) => ({
      hidden: plan.take(packedBytes(hidden.outputs, 1, hiddenInputs(context, g))),
      hiddenBias: plan.take(biasBytes(hidden.outputs)),
      parameters: plan.take(packedBytes(2 * groupSize, 1, hidden.outputs)),
      parametersBias: plan.take(biasBytes(2 * groupSize)),
    }));
    this.logistic = plan.take(8 * LOGISTIC.length);
    this.scales = plan.take(8 * SCALE_COUNT);
    this.log2 = plan.take(2 * LOG2_LENGTH);
    this.centers = plan.take(4 * model.centers.length);
  }

  /** Writes the weights and the tables. */
  load(machine: Machine): void {
    const { context, latent } = this.model;
    const { groupSize, hidden, taps } = context;
    const tapsPacked = packSparse(
      tapWeights(taps),
      taps.outputs,
      CONTEXT_TAPS.length,
      latent.channels,
    );
    machine.write(this.taps, tapsPacked);
    machine.write(this.tapsBias, packBias(taps.bias));
    context.groups.forEach(({ parameters, hidden: { bias } }, g) => {
      const at = this.#groups[g]!;
      const inputs = hiddenInputs(context, g);
      const hiddenPacked = packWeights(hiddenWeights(context, g), hidden.outputs, 1, inputs);
      machine.write(at.hidden, hiddenPacked);
      machine.write(at.hiddenBias, packBias(bias));
      const packed = packWeights(parameters.weights, 2 * groupSize, 1, hidden.outputs);
      machine.write(at.parameters, packed);
      machine.write(at.parametersBias, packBias(parameters.bias));
    });
    const table = this.#groups.flatMap((at) => [
      at.hidden,
      at.hiddenBias,
      at.parameters,
      at.parametersBias,
    ]);
    machine.write(this.groupTable, Uint32Array.from(table));
    machine.write(this.logistic, logisticPairs());
    machine.write(this.scales, scalePairs());
    machine.write(this.centers, this.model.centers);
  }
}
