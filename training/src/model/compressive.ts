import type { Structure } from '../config.ts';
import { type Tensor4D, tf } from '../tf.ts';
import { conv, depthToSpace, relu, residual, spaceToDepth, type Weights } from './layers.ts';

/*
 * A compressive autoencoder (Theis et al. 2017), the transforms of the paper's image experiments:
 * three halvings with residual blocks at 1/4, and the mirror image with sub-pixel convolutions. In
 * place of 5x5 convolutions of stride 2 stand 3x3 ones, the first after space-to-depth: those are
 * what the integer codec has. A linear shortcut on 8x8 blocks lies beside each, as in the other
 * profiles: it starts at the Karhunen-Loeve transform, which is worth more than many steps.
 */

type Sizes = NonNullable<Structure['compressive']>;

/** Picture minus 0.5, [n, 8h, 8w, 3] -> latent [n, h, w, C]. */
export function compressiveAnalysis(w: Weights, s: Sizes, x: Tensor4D): Tensor4D {
  let h = relu(conv(w, 'analysis.stem', spaceToDepth(x, 2)));
  h = relu(conv(w, 'analysis.down1', h, 2));
  for (let i = 0; i < s.blocks; i++) h = residual(w, `analysis.res.${i}`, h);
  return tf.add(conv(w, 'analysis.head', h, 2), conv(w, 'analysis.shortcut', spaceToDepth(x, 8)));
}

/** Quantized latent [n, h, w, C] -> picture minus 0.5, [n, 8h, 8w, 3], not clipped. */
export function compressiveSynthesis(w: Weights, s: Sizes, v: Tensor4D): Tensor4D {
  let h = relu(depthToSpace(conv(w, 'synthesis.stem', v), 2));
  for (let i = 0; i < s.blocks; i++) h = residual(w, `synthesis.res.${i}`, h);
  h = relu(depthToSpace(conv(w, 'synthesis.up', h), 2));
  const detail = depthToSpace(conv(w, 'synthesis.head', h), 2);
  return tf.add(detail, depthToSpace(conv(w, 'synthesis.shortcut', v), 8));
}
