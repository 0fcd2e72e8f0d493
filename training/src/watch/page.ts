import type { Config } from '../config.ts';
import { chart, type Series, smooth } from './chart.ts';
import { cropName } from './crops.ts';
import type { Evaluation } from './evaluate.ts';
import type { Point } from './history.ts';
import { quantizerCharts } from './quantizer.ts';

/** Curves and crops of a run as one HTML file, which reloads itself every minute. */
export function pageOf(
  config: Config,
  points: Point[],
  evaluations: Evaluation[],
  pictures: string[],
): string {
  const last = points.at(-1);
  const byStep = (name: string, value: (p: Point) => number | null): Series => ({
    name,
    points: points.map((p) => [p.step, value(p)]),
  });
  const rates = Array.from({ length: config.structure.rates }, (_, q) => q);
  const qualities = evaluations.at(-1)?.rates.map((r) => r.quality) ?? [];
  const byEvaluation = (quality: number, key: 'bpp' | 'psnr' | 'msssimDb'): Series => ({
    name: `quality ${quality}`,
    points: evaluations.map((e) => [
      e.step,
      e.rates.find((r) => r.quality === quality)?.[key] ?? null,
    ]),
  });
  const recent = evaluations.slice(-4);
  const curve = (key: 'psnr' | 'msssimDb'): Series[] =>
    recent.map((e) => ({
      name: `step ${e.step}`,
      points: e.rates.map((r) => [r.bpp, r[key]]),
    }));
  const charts = [
    chart('Loss', smooth([byStep('loss', (p) => p.loss)])),
    chart('Bits a pixel, by rate', smooth(rates.map((q) => byStep(`${q}`, (p) => p.bpp[q])))),
    chart('Distortion, by rate', smooth(rates.map((q) => byStep(`${q}`, (p) => p.distortion[q])))),
    chart('Sigma', [byStep('sigma', (p) => p.sigma)]),
    ...quantizerCharts(points),
    chart('Learning rate', [byStep('rate', (p) => p.learningRate)]),
    chart('Steps a second', [byStep('speed', (p) => p.stepsPerSecond)]),
    chart('Resident memory, MiB', [byStep('memory', (p) => p.residentMiB)]),
  ];
  if (evaluations.length > 0) {
    charts.push(
      chart('Kodak: PSNR over bits a pixel', curve('psnr')),
      chart('Kodak: MS-SSIM in dB over bits a pixel', curve('msssimDb')),
      chart(
        'Kodak: bits a pixel over steps',
        qualities.map((q) => byEvaluation(q, 'bpp')),
      ),
      chart(
        'Kodak: MS-SSIM in dB over steps',
        qualities.map((q) => byEvaluation(q, 'msssimDb')),
      ),
    );
  }
  const rows = evaluations.length === 0 ? [] : pictures;
  const crops = rows.map((name) => {
    const cell = (quality?: number) =>
      `<figure><img src="crops/${cropName(name, quality)}" alt=""><figcaption>` +
      `${quality === undefined ? name : `quality ${quality}`}</figcaption></figure>`;
    return `<div>${[undefined, ...qualities].map(cell).join('')}</div>`;
  });
  const now = last ? `Step ${last.step} of ${config.run.totalSteps}, ${last.phase}` : 'No step yet';
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="60">
<title>${config.profile}</title>
<style>
body { font: 14px sans-serif; margin: 1em; }
svg, figure { display: inline-block; margin: 0 1em 1em 0; }
text { font-size: 11px; }
</style>
<h1>${config.profile}</h1>
<p>${now}</p>
${charts.join('\n')}
${crops.join('\n')}
</html>
`;
}
