import { readFileSync } from 'node:fs';
import { bdRate, type RatePoint } from '../src/cli/metrics/bdrate.js';
import { msssimDecibels } from '../src/cli/metrics/msssim.js';

/** One file: what a codec made of a picture at a setting. */
export interface Measurement {
  codec: string;
  /** The codec's own quality setting. */
  q: number;
  image: string;
  /** Of the whole file. */
  bpp: number;
  psnr: number;
  msssim: number;
}

/** Means over the pictures at one setting. */
export interface Mean {
  q: number;
  bpp: number;
  psnr: number;
  msssim: number;
}

export type Metric = 'psnr' | 'msssim';
export const METRICS: readonly Metric[] = ['psnr', 'msssim'];

/** Mean rates that enter a comparison. */
const ANCHOR_RATES = { low: 0.08, high: 1.2 };
const OWN_RATES = { low: 0.04, high: 1.8 };

const ANCHOR_FILES = ['kodak.jsonl', 'kodak-avif-iq.jsonl'];

/** Other codecs' measurements, those of the given pictures only. */
export function loadAnchors(images: readonly string[]): Measurement[] {
  return ANCHOR_FILES.flatMap((name) =>
    readFileSync(new URL(`anchors/${name}`, import.meta.url), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Measurement),
  ).filter(({ image }) => images.includes(image));
}

/** Means for each setting of a codec, by rising rate. */
export function means(measurements: readonly Measurement[], codec: string): Mean[] {
  const own = measurements.filter((m) => m.codec === codec);
  return [...new Set(own.map(({ q }) => q))]
    .map((q) => {
      const at = own.filter((m) => m.q === q);
      const mean = (key: 'bpp' | 'psnr' | 'msssim'): number =>
        at.reduce((sum, m) => sum + m[key], 0) / at.length;
      return { q, bpp: mean('bpp'), psnr: mean('psnr'), msssim: mean('msssim') };
    })
    .sort((a, b) => a.bpp - b.bpp);
}

/** A mean curve with its quality in dB. */
export function ratePoints(curve: readonly Mean[], metric: Metric): RatePoint[] {
  return curve.map((mean) => ({
    rate: mean.bpp,
    quality: metric === 'psnr' ? mean.psnr : msssimDecibels(mean.msssim),
  }));
}

/** BD-rate in percent of our curve against an anchor's. */
export function compare(own: readonly Mean[], anchor: readonly Mean[], metric: Metric): number {
  return bdRate(
    ratePoints(within(anchor, ANCHOR_RATES), metric),
    ratePoints(within(own, OWN_RATES), metric),
  );
}

/** A mean at a rate, linear in the logarithm of the rate; undefined outside the curve. */
export function valueAt(curve: readonly Mean[], bpp: number, metric: Metric): number | undefined {
  const next = curve.findIndex((mean) => mean.bpp >= bpp);
  if (next < 1) return undefined;
  const a = curve[next - 1]!;
  const b = curve[next]!;
  const t = Math.log(bpp / a.bpp) / Math.log(b.bpp / a.bpp);
  return a[metric] + t * (b[metric] - a[metric]);
}

function within(curve: readonly Mean[], rates: { low: number; high: number }): Mean[] {
  return curve.filter(({ bpp }) => bpp >= rates.low && bpp <= rates.high);
}
