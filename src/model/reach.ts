import type { Layer, Transform } from './layers.js';

/** Widens the reach, in units of the layer's input, and says how fine its output is. */
function widen(layer: Layer): { reach: number; finer: number } {
  switch (layer.op) {
    case 'conv':
      return { reach: layer.kernel === 3 ? 1 : 0, finer: 1 / layer.stride };
    case 'residual':
      return { reach: 2, finer: 1 };
    case 'depthToSpace':
      return { reach: 0, finer: layer.block };
    case 'spaceToDepth':
      return { reach: 0, finer: 1 / layer.block };
  }
}

/**
 * How far from its own latent position a pixel of the synthesis can depend on the latent, in latent
 * positions, rounded up.
 */
export function synthesisReach({ trunk, shortcut }: Transform): number {
  const reachOf = (layers: readonly Layer[]) => {
    let total = 0;
    let fineness = 1;
    for (const layer of layers) {
      const { reach, finer } = widen(layer);
      total += reach / fineness;
      fineness *= finer;
    }
    return Math.ceil(total);
  };
  return Math.max(reachOf(trunk), reachOf(shortcut));
}
