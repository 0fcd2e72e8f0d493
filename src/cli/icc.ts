import type { ColorSpace } from '../types.js';

/** Columns R, G, B of a matrix profile in the profile connection space (D50), by X, Y, Z. */
const PRIMARIES: Record<ColorSpace, readonly (readonly number[])[]> = {
  srgb: [
    [0.4361, 0.2225, 0.0139],
    [0.3851, 0.7169, 0.0971],
    [0.1431, 0.0606, 0.7141],
  ],
  'display-p3': [
    [0.5151, 0.2412, -0.0011],
    [0.2919, 0.6922, 0.0419],
    [0.1572, 0.0666, 0.7841],
  ],
};

/** Linear light of the sRGB curve at half the signal. */
const SRGB_AT_HALF = 0.21404;

/**
 * Tells whether an ICC profile (ICC.1, a matrix and three curves) is sRGB or Display P3, whatever
 * it calls itself.
 *
 * @returns undefined for every other profile, broken ones included.
 */
export function colorSpaceOf(icc: Uint8Array): ColorSpace | undefined {
  const profile = new DataView(icc.buffer, icc.byteOffset, icc.byteLength);
  try {
    const columns = ['rXYZ', 'gXYZ', 'bXYZ'].map((name) => xyz(profile, name));
    const curves = ['rTRC', 'gTRC', 'bTRC'].map((name) => curveAtHalf(profile, name));
    if (curves.some((value) => Math.abs(value - SRGB_AT_HALF) > 0.002)) return undefined;
    const spaces = Object.keys(PRIMARIES) as ColorSpace[];
    return spaces.find((space) =>
      PRIMARIES[space].every((column, i) =>
        column.every((value, j) => Math.abs(value - columns[i]![j]!) < 0.003),
      ),
    );
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** @throws RangeError if there is no such tag. */
function tagOffset(profile: DataView, name: string): number {
  const count = profile.getUint32(128);
  for (let i = 0; i < count; i++) {
    const entry = 132 + 12 * i;
    if (text(profile, entry) === name) return profile.getUint32(entry + 4);
  }
  throw new RangeError(`The profile has no ${name}`);
}

function text(profile: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => profile.getUint8(offset + i)));
}

function fixed(profile: DataView, offset: number): number {
  return profile.getInt32(offset) / 65536;
}

function xyz(profile: DataView, name: string): number[] {
  const offset = tagOffset(profile, name);
  return [8, 12, 16].map((at) => fixed(profile, offset + at));
}

/** A tone curve's value at 0.5. */
function curveAtHalf(profile: DataView, name: string): number {
  const offset = tagOffset(profile, name);
  const kind = text(profile, offset);
  if (kind === 'curv') {
    const count = profile.getUint32(offset + 8);
    if (count === 0) return 0.5;
    if (count === 1) return 0.5 ** (profile.getUint16(offset + 12) / 256);
    const sample = (i: number): number => profile.getUint16(offset + 12 + 2 * i) / 65535;
    const middle = (count - 1) / 2;
    return (sample(Math.floor(middle)) + sample(Math.ceil(middle))) / 2;
  }
  if (kind !== 'para') throw new RangeError(`Unknown curve ${kind}`);
  const type = profile.getUint16(offset + 8);
  const [g, a, b] = [0, 1, 2].map((i) => fixed(profile, offset + 12 + 4 * i)) as [
    number,
    number,
    number,
  ];
  if (type === 0) return 0.5 ** g;
  if (type === 3) return (a * 0.5 + b) ** g;
  throw new RangeError(`Unknown parametric curve ${type}`);
}
