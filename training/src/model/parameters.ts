import { CONTEXT_TAPS } from '../../../src/format/constants.ts';
import type { Structure } from '../config.ts';
import { dimensionOf } from '../quantizer/quantizer.ts';

/**
 * A tensor's place in the flat vector, and how it is stepped: Muon sees it as `batch` matrices of
 * rows x columns, Adam as numbers.
 */
export interface Slot {
  name: string;
  shape: number[];
  offset: number;
  size: number;
  muon?: { batch: number; rows: number; columns: number; longest: number[] };
}

export interface Parameter extends Slot {
  init: Init;
}

/** Starting values: uniform +-bound, normal with a deviation, or a constant. */
export type Init = { uniform: number } | { normal: number } | { constant: number };

export interface Layout {
  parameters: Parameter[];
  byName: Map<string, Parameter>;
  /** Length of the flat vector that holds all tensors one after the other. */
  size: number;
}

/**
 * Names, shapes and starting values of all trained tensors. Convolutions are [height, width, in,
 * out]; context tensors are [group, in, out].
 */
export function layoutOf(s: Structure): Layout {
  const parameters: Parameter[] = [];
  let size = 0;
  const add = (name: string, shape: number[], init: Init, muon?: Parameter['muon']) => {
    const count = shape.reduce((a, b) => a * b, 1);
    parameters.push({
      name,
      shape,
      offset: size,
      size: count,
      init,
      ...(muon ? { muon } : {}),
    });
    size += count;
  };
  const conv = (
    name: string,
    side: number,
    from: number,
    to: number,
    options: { bias?: boolean; init?: Init; zeroBias?: boolean } = {},
  ) => {
    const rows = side * side * from;
    const uniform = { uniform: 1 / Math.sqrt(rows) };
    add(`${name}.w`, [side, side, from, to], options.init ?? uniform, {
      batch: 1,
      rows,
      columns: to,
      longest: [Math.max(rows, to)],
    });
    if (options.bias === false) return;
    add(`${name}.b`, [to], options.zeroBias ? { constant: 0 } : uniform);
  };
  const residual = (name: string, width: number, inner: number) => {
    conv(`${name}.a`, 3, width, inner);
    const init = { normal: 0.3 / Math.sqrt(9 * inner) };
    conv(`${name}.b`, 3, inner, width, { init, zeroBias: true });
  };
  const head = (from: number) => ({ init: { uniform: 0.1 / Math.sqrt(from) }, zeroBias: true });

  const c = s.channels;
  if (s.compressive) addCompressive(s.compressive);
  else addTransforms();
  if (!s.vector) addContext();

  add('gains.encoder', [s.rates, c], { constant: 0 });
  add('gains.decoder', [s.rates, c], { constant: 0 });
  if (s.vector) add('centers.table', [s.centers, dimensionOf(s)], { normal: 1 });
  else add('centers.spacing', [(s.centers - 1) / 2], { constant: 0 });
  return { parameters, byName: new Map(parameters.map((p) => [p.name, p])), size };

  function addTransforms(): void {
    const [w1, w2, w3] = s.analysis.width;
    const [m1, m2, m3] = s.analysis.inner;
    conv('analysis.stem', 3, 48, w1);
    residual('analysis.res1', w1, m1);
    conv('analysis.down1', 3, w1, w2);
    residual('analysis.res2', w2, m2);
    conv('analysis.down2', 3, w2, w3);
    for (let i = 0; i < s.analysis.deepBlocks; i++) residual(`analysis.res3.${i}`, w3, m3);
    conv('analysis.head', 1, w3, c, head(w3));
    conv('analysis.shortcut', 1, 768, c, { bias: false });

    const { width, inner, blocks, half, quarter } = s.synthesis;
    conv('synthesis.stem', 1, c, width);
    for (let i = 0; i < blocks; i++) residual(`synthesis.res1.${i}`, width, inner);
    conv('synthesis.up1', 1, width, 4 * half);
    residual('synthesis.res2', half, half);
    conv('synthesis.up2', 1, half, 4 * quarter);
    conv('synthesis.head', 3, quarter, 48, head(9 * quarter));
    conv('synthesis.shortcut', 1, c, 768, { bias: false });
  }

  function addCompressive(a: NonNullable<Structure['compressive']>): void {
    conv('analysis.stem', 3, 12, a.half);
    conv('analysis.down1', 3, a.half, a.quarter);
    for (let i = 0; i < a.blocks; i++) residual(`analysis.res.${i}`, a.quarter, a.inner);
    conv('analysis.head', 3, a.quarter, c, head(9 * a.quarter));
    conv('analysis.shortcut', 1, 192, c, { bias: false });
    conv('synthesis.stem', 3, c, 4 * a.quarter);
    for (let i = 0; i < a.blocks; i++) residual(`synthesis.res.${i}`, a.quarter, a.inner);
    conv('synthesis.up', 1, a.quarter, 4 * a.half);
    conv('synthesis.head', 3, a.half, 12, head(9 * a.half));
    conv('synthesis.shortcut', 1, c, 192, { bias: false });
  }

  function addContext(): void {
    const { hidden, groupHidden } = s.context;
    const groups = c / s.groupSize;
    const all = <T>(f: (g: number) => T) => Array.from({ length: groups }, (_, g) => f(g));
    const taps = CONTEXT_TAPS.length;
    add(
      'context.taps.w',
      [taps, c, hidden],
      { uniform: 1 / Math.sqrt(taps * c) },
      {
        batch: 1,
        rows: taps * c,
        columns: hidden,
        longest: [taps * c],
      },
    );
    add('context.taps.b', [hidden], { uniform: 1 / Math.sqrt(taps * c) });
    const groupInit = { uniform: 1 / Math.sqrt(hidden) };
    add('context.groupIn.w', [groups, hidden, groupHidden], groupInit, {
      batch: groups,
      rows: hidden,
      columns: groupHidden,
      longest: all(() => Math.max(hidden, groupHidden)),
    });
    add('context.groupIn.b', [groups, groupHidden], groupInit);
    // Group g reads channels below g * groupSize; the other rows are kept at zero.
    add(
      'context.groupLinks.w',
      [groups, c, groupHidden],
      { uniform: 1 / Math.sqrt(c) },
      {
        batch: groups,
        rows: c,
        columns: groupHidden,
        longest: all((g) => Math.max(g * s.groupSize, groupHidden)),
      },
    );
    add('context.groupOut.w', [groups, groupHidden, 2 * s.groupSize], {
      uniform: 0.1 / Math.sqrt(groupHidden),
    });
    add('context.groupOut.b', [groups, 2 * s.groupSize], { constant: 0 });
  }
}
