import { ShvqError } from '../../format/errors.js';
import type { Forward, Layer, LayerInput, NamedTensors } from './network.js';

/** A visit to the same layer of two runs. */
export type PairVisit = (layer: Layer, first: LayerInput, second: LayerInput) => Promise<void>;

/** A run that has stopped before a layer. */
interface Stop {
  readonly layer: Layer;
  readonly input: LayerInput;
  /** Lets it go on. */
  readonly leave: () => void;
}

/** A run that stops before each layer; `next` is where it stops, or undefined at its end. */
function stepwise(
  forward: Forward,
  tensors: NamedTensors,
): { next: () => Promise<Stop | undefined> } {
  let arrive: (stop: Stop) => void = () => {};
  let arrival = new Promise<Stop>((resolve) => {
    arrive = resolve;
  });
  const end = forward(
    tensors,
    (layer, input) => new Promise<void>((leave) => arrive({ layer, input, leave })),
  ).then(() => undefined);
  // Where nobody is waiting for it, a failure is told at the next stop.
  end.catch(() => {});
  return {
    async next() {
      const stop = await Promise.race([arrival, end]);
      arrival = new Promise<Stop>((resolve) => {
        arrive = resolve;
      });
      return stop;
    },
  };
}

/**
 * Runs a network twice at the same time, on two sets of tensors, and stops both before each layer:
 * so the inputs of one layer can be compared without keeping those of all.
 *
 * @throws ShvqError BAD_INPUT where the two runs visit different layers.
 */
export async function runInLockstep(
  forward: Forward,
  first: NamedTensors,
  second: NamedTensors,
  visit: PairVisit,
): Promise<void> {
  const runs = [stepwise(forward, first), stepwise(forward, second)] as const;
  for (;;) {
    const a = await runs[0].next();
    const b = await runs[1].next();
    if (!a && !b) return;
    if (a?.layer.weights !== b?.layer.weights) {
      const name = (stop: Stop | undefined): string => stop?.layer.weights ?? 'its end';
      throw new ShvqError(
        'BAD_INPUT',
        `The network comes to ${name(b)} where it came to ${name(a)} before`,
      );
    }
    await visit(a!.layer, a!.input, b!.input);
    a!.leave();
    b!.leave();
  }
}
