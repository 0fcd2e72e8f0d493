/** One setting of a codec: mean rate and mean quality over the pictures. */
export interface RatePoint {
  /** Bits per pixel, above 0. */
  rate: number;
  /** PSNR or MS-SSIM in dB. */
  quality: number;
}

/**
 * Bjontegaard delta rate in percent: how many more bits `test` needs than `anchor` at the same
 * quality; negative is better. The logarithm of the rate is interpolated over the quality with
 * PCHIP (Fritsch and Carlson, 1980), and the difference averaged over the overlap.
 *
 * @throws RangeError if a curve has fewer than two points or is not increasing in quality with
 *   rate, or if the two do not overlap.
 */
export function bdRate(anchor: readonly RatePoint[], test: readonly RatePoint[]): number {
  const a = curve(anchor);
  const b = curve(test);
  const low = Math.max(a.x[0]!, b.x[0]!);
  const high = Math.min(a.x.at(-1)!, b.x.at(-1)!);
  if (!(low < high)) throw new RangeError('The two curves share no range of quality');
  const difference = (integral(b, low, high) - integral(a, low, high)) / (high - low);
  return (Math.exp(difference) - 1) * 100;
}

/** A piecewise cubic y(x) through knots with given slopes. */
interface Curve {
  x: number[];
  y: number[];
  slope: number[];
}

function curve(points: readonly RatePoint[]): Curve {
  if (points.length < 2) throw new RangeError('A curve needs at least two points');
  const sorted = [...points].sort((p, q) => p.rate - q.rate);
  const x = sorted.map((point) => point.quality);
  const y = sorted.map((point) => Math.log(point.rate));
  for (let i = 1; i < x.length; i++) {
    if (!(x[i]! > x[i - 1]!)) throw new RangeError('Quality must grow with the rate');
  }
  return { x, y, slope: slopes(x, y) };
}

/** PCHIP's slopes at the knots. */
function slopes(x: number[], y: number[]): number[] {
  const n = x.length;
  const width = Array.from({ length: n - 1 }, (_, i) => x[i + 1]! - x[i]!);
  const secant = width.map((w, i) => (y[i + 1]! - y[i]!) / w);
  if (n === 2) return [secant[0]!, secant[0]!];
  const slope = x.map((_, i) => {
    if (i === 0) return endSlope(width[0]!, width[1]!, secant[0]!, secant[1]!);
    if (i === n - 1) {
      return endSlope(width[n - 2]!, width[n - 3]!, secant[n - 2]!, secant[n - 3]!);
    }
    const before = secant[i - 1]!;
    const after = secant[i]!;
    if (before * after <= 0) return 0;
    const w1 = 2 * width[i]! + width[i - 1]!;
    const w2 = width[i]! + 2 * width[i - 1]!;
    return (w1 + w2) / (w1 / before + w2 / after);
  });
  return slope;
}

/** Three-point slope at an end, limited so that the piece stays monotone. */
function endSlope(w0: number, w1: number, s0: number, s1: number): number {
  const slope = ((2 * w0 + w1) * s0 - w0 * s1) / (w0 + w1);
  if (slope * s0 <= 0) return 0;
  if (s0 * s1 <= 0 && Math.abs(slope) > 3 * Math.abs(s0)) return 3 * s0;
  return slope;
}

function integral(curve: Curve, low: number, high: number): number {
  let sum = 0;
  for (let i = 0; i + 1 < curve.x.length; i++) {
    const from = Math.max(low, curve.x[i]!);
    const to = Math.min(high, curve.x[i + 1]!);
    if (from >= to) continue;
    // Simpson's rule is exact for cubics.
    const middle = piece(curve, i, (from + to) / 2);
    sum += ((to - from) / 6) * (piece(curve, i, from) + 4 * middle + piece(curve, i, to));
  }
  return sum;
}

/** The cubic Hermite piece between knots i and i + 1. */
function piece({ x, y, slope }: Curve, i: number, at: number): number {
  const width = x[i + 1]! - x[i]!;
  const t = (at - x[i]!) / width;
  const u = 1 - t;
  return (
    u * u * ((1 + 2 * t) * y[i]! + t * width * slope[i]!) +
    t * t * ((3 - 2 * t) * y[i + 1]! - u * width * slope[i + 1]!)
  );
}
