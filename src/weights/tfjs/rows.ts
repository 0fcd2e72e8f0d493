import { type Consumers, type KerasLayer, nameOf } from './topology.js';

/** Layers whose outputs are [batch][features], whatever their inputs are. */
const FLATTENING = /^(Flatten|Global(Average|Max)Pooling[123]D)$/;
/** Layers whose outputs have the rank of their inputs. */
const KEEPING =
  /^(InputLayer|Dense|BatchNormalization|Activation|ReLU|LeakyReLU|PReLU|ELU|Softmax|Dropout|GaussianNoise)$/;

/**
 * Whether a layer's inputs are surely [batch][features]: by the shape of the model's input, or by a layer
 * before it that flattens.
 */
export function takesRows(
  layer: KerasLayer,
  byName: ReadonlyMap<string, KerasLayer>,
  consumers: Consumers,
): boolean {
  let at = layer;
  // A broken topology may go round in a circle.
  for (let steps = byName.size; steps > 0; steps--) {
    const shape = at.config?.batch_input_shape;
    if (Array.isArray(shape)) return shape.length === 2;
    const name = nameOf(at);
    const before = [...consumers.keys()].filter((other) => consumers.get(other)!.includes(name));
    const only = before.length === 1 ? byName.get(before[0]!) : undefined;
    const kind = String(only?.class_name);
    if (FLATTENING.test(kind)) return true;
    if (!only || !KEEPING.test(kind)) return false;
    at = only;
  }
  return false;
}
