import type { Config } from '../config.ts';
import { cropName } from './crops.ts';
import type { Evaluation } from './evaluate.ts';
import type { Point } from './history.ts';

const WIDTH = 560;
const HEIGHT = 220;
const COLOURS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#17becf'];

/** A line of a chart; points without a number are left out. */
export interface Series {
  name: string;
  points: [x: number, y: number | null][];
}

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

/** Means of neighbours, so that some 300 points are left: single points are noise. */
function smooth(series: Series[]): Series[] {
  return series.map(({ name, points }) => {
    const run = Math.max(1, Math.ceil(points.length / 300));
    const out: Series['points'] = [];
    for (let i = 0; i < points.length; i += run) {
      const part = points.slice(i, i + run).filter((p) => p[1] !== null) as [number, number][];
      if (part.length === 0) continue;
      const mean = (k: 0 | 1) => part.reduce((sum, p) => sum + p[k], 0) / part.length;
      out.push([mean(0), mean(1)]);
    }
    return { name, points: out };
  });
}

/** One chart as SVG, with the range of both axes written at their ends. */
export function chart(title: string, series: Series[]): string {
  const all = series.flatMap((s) => s.points).filter((p) => p[1] !== null) as [number, number][];
  if (all.length === 0) return '';
  const range = (k: 0 | 1): [number, number] => {
    const values = all.map((p) => p[k]);
    return [Math.min(...values), Math.max(...values)];
  };
  const [x0, x1] = range(0);
  const [y0, y1] = range(1);
  const [left, right, top, bottom] = [60, WIDTH - 10, 30, HEIGHT - 40];
  const px = (x: number) => left + ((x - x0) / (x1 - x0 || 1)) * (right - left);
  const py = (y: number) => bottom - ((y - y0) / (y1 - y0 || 1)) * (bottom - top);
  const lines = series.map(({ name, points }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const path = points
      .filter((p) => p[1] !== null)
      .map(([x, y]) => `${px(x).toFixed(1)},${py(y as number).toFixed(1)}`)
      .join(' ');
    return (
      `<polyline points="${path}" fill="none" stroke="${colour}"/>` +
      `<text x="${left + 85 * i}" y="${HEIGHT - 5}" fill="${colour}">${name}</text>`
    );
  });
  const short = (v: number) => String(Number(v.toPrecision(4)));
  return `<svg width="${WIDTH}" height="${HEIGHT}">
<text x="${left}" y="16">${title}</text>
<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="#999"/>
<text x="4" y="${top + 8}">${short(y1)}</text><text x="4" y="${bottom}">${short(y0)}</text>
<text x="${left}" y="${bottom + 14}">${short(x0)}</text>
<text x="${right}" y="${bottom + 14}" text-anchor="end">${short(x1)}</text>
${lines.join('\n')}
</svg>`;
}
