import { normalize, SIDE } from '../../../bench/weights/cifar.ts';
import type { Rng } from '../rng.ts';
import { tf } from '../tf.ts';
import type { Batch, LabelledSet } from './classifier.ts';

const CHANNELS = 3;
/** Pixels of zeros around a picture, out of which it is cropped again. */
const MARGIN = 4;
const EACH = SIDE * SIDE * CHANNELS;
const ROW = SIDE * CHANNELS;

/** Pictures of CIFAR-10, moved by up to 4 pixels and mirrored at random (He et al. 2015). */
export function augmented(set: { bytes: Uint8Array; labels: readonly number[] }): LabelledSet {
  return {
    draw(count: number, rng: Rng): Batch {
      const data = new Float32Array(count * EACH);
      const labels = new Int32Array(count);
      for (let n = 0; n < count; n++) {
        const i = rng.below(set.labels.length);
        labels[n] = set.labels[i];
        const picture = normalize(set.bytes.subarray(i * EACH, (i + 1) * EACH));
        const down = rng.below(2 * MARGIN + 1) - MARGIN;
        const right = rng.below(2 * MARGIN + 1) - MARGIN;
        place(picture, data.subarray(n * EACH, (n + 1) * EACH), down, right, rng.below(2) === 1);
      }
      return { x: tf.tensor4d(data, [count, SIDE, SIDE, CHANNELS]), labels };
    },
  };
}

/** Copies a picture, moved, to where there are zeros. */
function place(
  from: Float32Array,
  to: Float32Array,
  down: number,
  right: number,
  mirrored: boolean,
): void {
  for (let y = Math.max(0, down); y < Math.min(SIDE, SIDE + down); y++) {
    for (let x = Math.max(0, right); x < Math.min(SIDE, SIDE + right); x++) {
      const source = (y - down) * ROW + (x - right) * CHANNELS;
      const target = y * ROW + (mirrored ? SIDE - 1 - x : x) * CHANNELS;
      for (let c = 0; c < CHANNELS; c++) to[target + c] = from[source + c];
    }
  }
}
