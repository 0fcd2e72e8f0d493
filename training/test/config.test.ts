import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, strideOf } from '../src/config.ts';
import { analysis, synthesis } from '../src/model/networks.ts';
import { layoutOf } from '../src/model/parameters.ts';
import { type Tensor4D, tf } from '../src/tf.ts';
import { unpack } from '../src/trainer.ts';
import { root } from './fixtures.ts';

await tf.setBackend('cpu');

const names = readdirSync(join(root, 'configs'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

describe('configs', () => {
  it.each(names)('%s is a profile whose networks give a picture back', (name) => {
    const { structure } = loadConfig(root, name);
    const layout = layoutOf(structure);
    const weights = unpack(layout, new Float32Array(layout.size));
    const side = 32;
    const y = analysis(weights, structure, tf.zeros([1, side, side, 3]) as Tensor4D);
    const stride = strideOf(structure);
    expect(y.shape).toEqual([1, side / stride, side / stride, structure.channels]);
    expect(synthesis(weights, structure, y).shape).toEqual([1, side, side, 3]);
    tf.dispose(weights);
  });

  it('that extend another change what they name, and nothing else', () => {
    const base = loadConfig(root, 'default');
    const psnr = loadConfig(root, 'psnr');
    expect(psnr.structure.channels).toBe(192);
    expect(psnr.structure.analysis).toEqual(base.structure.analysis);
    expect(psnr.run.seed).toBe(base.run.seed);
    expect(psnr.run.mseShare).toBe(1);
  });
});
