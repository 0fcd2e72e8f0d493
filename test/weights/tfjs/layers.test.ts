import { describe, expect, it } from 'vitest';
import { layersOf, type Tensor } from '../../../src/weights.js';

const tensor = (name: string, ...shape: number[]): Tensor => ({
  name,
  shape,
  dtype: 'float32',
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

const normalizationOf = (name: string, ...parts: string[]): Tensor[] =>
  ['beta', 'moving_mean', 'moving_variance', ...parts].map((part) => tensor(`${name}/${part}`, 8));

const TENSORS = [
  tensor('conv/kernel', 3, 3, 4, 8),
  tensor('conv/bias', 8),
  ...normalizationOf('bn', 'gamma'),
  tensor('next/kernel', 1, 1, 8, 8),
  ...normalizationOf('bn2'),
  tensor('fc/kernel', 8, 5),
];

const conv = (change = {}) => ({ class_name: 'Conv2D', config: { name: 'conv', ...change } });
const normal = (name: string, change = {}) => ({
  class_name: 'BatchNormalization',
  config: { name, axis: -1, epsilon: 0.01, ...change },
});
const fc = { class_name: 'Dense', config: { name: 'fc', activation: 'softmax' } };

const told = (modelTopology: object) =>
  layersOf({ metadata: JSON.stringify({ tfjs: { modelTopology } }), tensors: TENSORS });
const sequential = (...layers: object[]) => ({ class_name: 'Sequential', config: { layers } });

/** Layers in a graph: [layer, names of what it takes]. */
const functional = (layers: [object, ...string[]][], ...outputs: string[]) => ({
  class_name: 'Model',
  config: {
    layers: layers.map(([layer, ...from]) => ({
      ...layer,
      inbound_nodes: from.length > 0 ? [from.map((name) => [name, 0, 0, {}])] : [],
    })),
    output_layers: outputs.map((name) => [name, 0, 0]),
  },
});

const names = (name: string) => ({
  shift: `${name}/beta`,
  mean: `${name}/moving_mean`,
  variance: `${name}/moving_variance`,
  epsilon: 0.01,
});

describe('layersOf', () => {
  it('finds what follows what in a Sequential', () => {
    expect(
      told(sequential(conv(), normal('bn'), conv({ name: 'next' }), normal('bn2'), fc)),
    ).toEqual([
      {
        weights: 'conv/kernel',
        outputs: 'last',
        bias: 'conv/bias',
        normalization: { ...names('bn'), scale: 'bn/gamma' },
      },
      { weights: 'next/kernel', outputs: 'last', normalization: names('bn2') },
      { weights: 'fc/kernel', outputs: 'last' },
    ]);
  });

  it('finds it in a graph, and in a model within a model', () => {
    const graph = functional([[conv()], [normal('bn', { axis: [3] }), 'conv'], [fc, 'bn']], 'fc');
    const expected = { normalization: { scale: 'bn/gamma' } };
    expect(told({ model_config: graph })[0]).toMatchObject(expected);
    expect(told(sequential({ ...graph, name: 'inner' }))[0]).toMatchObject(expected);
  });

  it.each([
    ['an activation between', sequential(conv({ activation: 'relu' }), normal('bn'))],
    ['another layer between', sequential(conv(), { class_name: 'ReLU' }, normal('bn'))],
    ['channels first', sequential(conv({ data_format: 'channels_first' }), normal('bn'))],
    ['another axis', sequential(conv(), normal('bn', { axis: 1 }))],
    ['statistics that are not there', sequential(conv(), normal('bn9'))],
    [
      'outputs that go elsewhere, too',
      functional([[conv()], [normal('bn'), 'conv'], [fc, 'conv']], 'fc'),
    ],
    ['outputs that are the model’s, too', functional([[conv()], [normal('bn'), 'conv']], 'conv')],
    [
      'outputs of another layer that it normalizes, too',
      functional([[conv()], [fc], [{ ...normal('bn') }, 'conv', 'fc']], 'bn'),
    ],
    [
      'inbound nodes of another form',
      {
        class_name: 'Functional',
        config: {
          layers: [
            { ...conv(), inbound_nodes: [] },
            { ...normal('bn'), inbound_nodes: [{ args: ['conv'], kwargs: {} }] },
          ],
          output_layers: [['bn', 0, 0]],
        },
      },
    ],
  ])('leaves a normalization alone behind %s', (_, topology) => {
    const [layer] = told(topology);
    expect(layer).toMatchObject({ weights: 'conv/kernel', outputs: 'last' });
    expect(layer?.normalization).toBeUndefined();
  });

  const dense = (change = {}) => ({
    class_name: 'Dense',
    config: { name: 'next', activation: 'linear', ...change },
  });
  const flatten = { class_name: 'Flatten', config: { name: 'flat' } };
  const relu = { class_name: 'ReLU', config: { name: 'relu' } };
  const input = (...shape: (number | null)[]) => ({
    class_name: 'InputLayer',
    config: { name: 'in', batch_input_shape: shape },
  });
  const behindDense = (topology: object) =>
    layersOf({
      metadata: JSON.stringify({ tfjs: { modelTopology: topology } }),
      tensors: [tensor('next/kernel', 8, 8), ...normalizationOf('bn2')],
    })[0]!.normalization;
  const bn = normal('bn2', { axis: [1] });

  it.each([
    ['a flattening layer', sequential(conv(), flatten, relu, dense(), bn)],
    ['an input of rows', sequential(dense({ batch_input_shape: [null, 8] }), bn)],
    [
      'an input of rows in a graph',
      functional([[input(null, 8)], [dense(), 'in'], [bn, 'next']], 'bn2'),
    ],
  ])('takes axis 1 for the features of a Dense behind %s', (_, topology) =>
    expect(behindDense(topology)).toEqual(names('bn2')),
  );

  it.each([
    ['an input of sequences', sequential(dense({ batch_input_shape: [null, 8, 8] }), bn)],
    ['nobody knows what', sequential(conv(), dense(), bn)],
    ['nothing', sequential(dense(), bn)],
    [
      'a circle',
      functional(
        [
          [dense(), 'relu'],
          [bn, 'next'],
          [relu, 'bn2'],
        ],
        'bn9',
      ),
    ],
  ])('does not take it behind %s', (_, topology) => expect(behindDense(topology)).toBeUndefined());

  it.each(['', 'no JSON', '{}', 'null', '{"tfjs":{"modelTopology":{"node":[]}}}'])(
    'knows nothing of networks with the metadata %j',
    (metadata) => expect(layersOf({ metadata, tensors: TENSORS })).toEqual([]),
  );
});
