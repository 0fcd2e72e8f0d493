import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bdRate } from '../../../src/cli/metrics/bdrate.ts';
import { chart, type Series } from '../watch/chart.ts';
import type { FloatPoint } from '../watch/float.ts';
import type { AblationResult } from './result.ts';

/** A question of the paper, and the ablations that answer it; the first is compared with. */
const QUESTIONS: { title: string; rows: { name: string; what: string }[] }[] = [
  {
    title: 'Sigma annealed, or standing still',
    rows: [
      { name: 'ablation', what: 'annealed, 1 to 8' },
      { name: 'ablation-fixed', what: 'fixed at 4' },
    ],
  },
  {
    title: 'What goes forward',
    rows: [
      { name: 'ablation', what: 'the hard center, soft gradient' },
      { name: 'ablation-soft', what: 'the soft assignment' },
      { name: 'ablation-noise', what: 'additive noise' },
    ],
  },
  {
    title: 'Sigma by schedule, or by the gap',
    rows: [
      { name: 'ablation-soft', what: 'schedule, 1 to 8' },
      { name: 'ablation-gap', what: 'gap control' },
    ],
  },
  {
    title: 'Centers learned, or uniform',
    rows: [
      { name: 'ablation', what: 'learned' },
      { name: 'ablation-uniform', what: 'uniform, distance 1' },
    ],
  },
  {
    title: 'Dimension of the vectors, without context model',
    rows: [
      { name: 'ablation-d1', what: 'd = 1, 63 centers' },
      { name: 'ablation-d2', what: 'd = 2, 256 centers' },
      { name: 'ablation-d4', what: 'd = 4, 1,000 centers' },
    ],
  },
  {
    title: 'With and without context model, d = 1',
    rows: [
      { name: 'ablation', what: 'context model' },
      { name: 'ablation-d1', what: 'histogram' },
    ],
  },
];

const PAGE = 'soft-to-hard.md';
const MARKS = ['<!-- ablations: npm run ablations -->', '<!-- /ablations -->'] as const;

/** Writes the tables into docs/soft-to-hard.md and the plots beside it. */
export function writeReport(results: AblationResult[], docs: string): void {
  const path = join(docs, PAGE);
  const page = readFileSync(path, 'utf8');
  const [from, to] = [page.indexOf(MARKS[0]), page.indexOf(MARKS[1])];
  if (from < 0 || to < from) throw new Error(`${path} has no place for the tables`);
  const start = from + MARKS[0].length;
  writeFileSync(path, `${page.slice(0, start)}\n\n${tables(results)}\n\n${page.slice(to)}`);
  const folder = join(docs, 'soft-to-hard');
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of plots(results)) {
    if (svg) writeFileSync(join(folder, `${name}.svg`), `${svg}\n`);
  }
}

/** Markdown: a table for every question whose first ablation has a result. */
export function tables(results: AblationResult[]): string {
  const find = (name: string) => results.find(({ profile }) => profile === name);
  const parts = QUESTIONS.flatMap(({ title, rows }) => {
    const base = find(rows[0].name);
    if (!base) return [];
    const lines = rows.map(({ name, what }) => {
      const result = find(name);
      if (!result) return `| ${what} | \`${name}\` | not run yet | | | |`;
      const rate = (key: 'psnr' | 'msssimDb') =>
        result === base ? '0' : signed(bdRate(pointsOf(base, key), pointsOf(result, key)));
      const ends = [result.curve[0], result.curve[result.curve.length - 1]]
        .map(({ bpp, psnr }) => `${bpp.toFixed(2)} bpp ${psnr.toFixed(1)} dB`)
        .join(' to ');
      return `| ${what} | \`${name}\` | ${result.steps} | ${ends} | ${rate('psnr')} | ${rate('msssimDb')} |`;
    });
    return [
      `### ${title}`,
      '',
      '| | config | steps | curve | bits at equal PSNR, % | at equal MS-SSIM, % |',
      '|---|---|---|---|---|---|',
      ...lines,
      '',
    ];
  });
  const [any] = results;
  if (!any) return 'No ablation has been run yet.';
  const { cpu, node, backend } = any.machine;
  const minutes = [...new Set(results.map((r) => r.minutes))].join(' or ');
  const commits = [...new Set(results.map((r) => r.machine.commit))].join(', ');
  parts.push(
    `${minutes} minutes of processor time each, ${any.pictures} Kodak pictures; ${cpu}, Node ${node}, ` +
      `${backend}, commit ${commits}.`,
  );
  return parts.join('\n');
}

/** Rising rates; one that costs more for no more quality is left out, as nobody would choose it. */
function pointsOf(
  { curve }: AblationResult,
  key: keyof FloatPoint,
): { rate: number; quality: number }[] {
  let best = Number.NEGATIVE_INFINITY;
  return curve
    .map((p) => ({ rate: p.bpp, quality: p[key] }))
    .sort((a, b) => a.rate - b.rate)
    .filter(({ quality }) => {
      if (quality <= best) return false;
      best = quality;
      return true;
    });
}

const signed = (percent: number) => `${percent > 0 ? '+' : ''}${percent.toFixed(1)}`;

/** The quantizer over time, as share of the run: steps differ, time does not. */
function plots(results: AblationResult[]): [name: string, svg: string][] {
  const short = (name: string) => name.replace('ablation-', '').replace('ablation', 'base');
  const over = (
    names: string[],
    value: (p: AblationResult['history'][number]) => number | null,
  ): Series[] =>
    names.flatMap((name) => {
      const result = results.find(({ profile }) => profile === name);
      if (!result) return [];
      const points = result.history.map((p): [number, number | null] => [
        p.step / result.steps,
        value(p),
      ]);
      return [{ name: short(name), points }];
    });
  const shown = ['ablation', 'ablation-fixed', 'ablation-soft', 'ablation-gap', 'ablation-noise'];
  const centers = results.find(({ profile }) => profile === 'ablation');
  const zero = (centers?.history.at(-1)?.softness.centers?.length ?? 1) >> 1;
  const outwards = Array.from({ length: 13 }, (_, i) => zero + i);
  return [
    [
      'gap',
      chart(
        'Gap: hard minus soft loss, over the run',
        over(shown, (p) => p.softness.gap),
      ),
    ],
    [
      'softness',
      chart(
        'Share of the soft assignment off the nearest center',
        over(shown, (p) => p.softness.offNearest),
      ),
    ],
    [
      'sigma',
      chart(
        'Sigma over the run',
        over(shown, (p) => p.sigma),
      ),
    ],
    [
      'centers',
      chart(
        'Learned centers from zero outwards, over the run',
        outwards.map((k) => ({
          name: '',
          points: (centers?.history ?? []).map((p) => [
            p.step / (centers?.steps ?? 1),
            p.softness.centers?.[k] ?? null,
          ]),
        })),
      ),
    ],
  ];
}
