import { chart, type Series } from './chart.ts';
import type { Point } from './history.ts';

/** How the soft assignment hardens and where the centers go, over the steps of a run. */
export function quantizerCharts(points: Pick<Point, 'step' | 'softness'>[]): string[] {
  const measured = points.flatMap(({ step, softness }) =>
    softness ? [{ step, ...softness }] : [],
  );
  const byStep = (
    name: string,
    value: (p: (typeof measured)[number]) => number | null,
  ): Series => ({
    name,
    points: measured.map((p) => [p.step, value(p)]),
  });
  const centers = measured.at(-1)?.centers ?? [];
  // Symmetric about zero, and the outer ones are far away: those of the middle tell the story.
  const zero = centers.length >> 1;
  const shown = centers.slice(zero, zero + 13).map((_, k) => zero + k);
  return [
    chart('Gap: hard minus soft loss', [byStep('gap', (p) => p.gap)]),
    chart('Soft assignment off the nearest center', [byStep('share', (p) => p.offNearest)]),
    chart('Analysis: units that never fire', [byStep('share', (p) => p.dead)]),
    // Runs that began before have histories without it.
    chart('Analysis: what is added to its shortcut', [byStep('share', (p) => p.added ?? null)]),
    chart(
      'Centers, from zero outwards',
      shown.map((k) => byStep('', (p) => p.centers?.[k] ?? null)),
    ),
  ];
}
