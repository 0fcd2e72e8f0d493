import { DTYPES } from '../../src/weights/dtypes.js';
import { writeWeights } from '../../src/weights/format/write.js';
import type { StoredTensor } from '../../src/weights/types.js';
import { Random } from '../../test/support/random.js';
import { losslessTensor, quantizedTensor } from '../../test/support/tensors.js';
import type { CaseOptions, Recipe } from './recipe.js';

const SHAPES = [
  [],
  [0],
  [1],
  [33],
  [3, 0, 2],
  [40, 30],
  [8, 7, 3, 3],
  [3, 3, 7, 8],
  [2, 3, 4, 5, 6],
];

/** Cases of networks' weights: docs/weights-format.md. @param version0 A model of version 0. */
export function weightsCases(version0: Uint8Array): Recipe[] {
  const decode = (
    name: string,
    about: string,
    make: () => Uint8Array,
    options?: CaseOptions,
  ): Recipe => ({
    name: `weights-${name}`,
    about,
    call: 'decodeWeights',
    ...(options && { options }),
    make: async () => ({ 'input.shvw': make() }),
  });
  const file = (seed: number, tensors: (random: Random) => StoredTensor[]) =>
    writeWeights({ metadata: '{"name": "caf\u00e9"}', tensors: tensors(new Random(seed)) });
  const lossless = () =>
    file(1, (random) =>
      [[], [0], [33], [3, 0, 2], [2, 3, 4, 5, 6]].flatMap((shape, i) =>
        DTYPES.map((_, type) => losslessTensor(random, `${i}/${type}`, shape, type)),
      ),
    );
  const quantized = (kind: 'uniform' | 'scalar' | 'vector') =>
    file(2, (random) =>
      SHAPES.filter((shape) => kind !== 'vector' || shape.length > 0).map((shape, i) =>
        quantizedTensor(random, `layer${i}/kernel`, shape, kind),
      ),
    );
  return [
    decode('lossless', 'Every type of element in every shape', lossless),
    decode('uniform', 'Indices of uniform steps', () => quantized('uniform')),
    decode('scalar', 'Indices of learned centers', () => quantized('scalar')),
    decode('vector', 'Indices of vectors', () => quantized('vector')),
    decode('version-0', 'A file of version 0', () => version0),
    decode('bad-magic', 'An image file by its magic', () => changed(quantized('uniform'), 2, 0x01)),
    decode('bad-version', 'Version 9', () => changed(quantized('uniform'), 3, 8)),
    decode('bad-header-bit', 'A bit of the header', () => changed(quantized('scalar'), 12, 4)),
    decode('bad-data-bit', 'A bit of a tensor', () => {
      const bytes = quantized('scalar');
      return changed(bytes, bytes.length - 40, 4);
    }),
    decode('bad-cut', 'The last third is missing', () => {
      const bytes = quantized('vector');
      return bytes.slice(0, Math.floor((bytes.length * 2) / 3));
    }),
    decode('bad-trailing', 'A byte after the end', () => Uint8Array.of(...quantized('uniform'), 0)),
    decode('bad-max-memory', 'More memory than is allowed', () => quantized('uniform'), {
      limits: { maxMemory: 1000 },
    }),
  ];
}

/** A copy with a byte exclusive-ored. */
function changed(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= mask;
  return copy;
}
