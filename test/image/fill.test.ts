import { describe, expect, it } from 'vitest';
import { fillHidden } from '../../src/image/fill.js';
import { paint, scene, withoutAlpha } from '../support/pictures.js';

describe('colour under alpha 0', () => {
  it('leaves visible colours alone', () => {
    const { data, height, width } = paint(67, 45, (x, y, c) =>
      c === 3 ? (x > 20 && y > 10 ? 1 + (x & 127) : 0) : (x * 5 + y * 11 * c) & 255,
    );
    const rgb = fillHidden(data, width, height);
    for (let i = 0; i < width * height; i++) {
      if (data[4 * i + 3] === 0) continue;
      expect([...rgb.subarray(3 * i, 3 * i + 3)]).toEqual([...data.subarray(4 * i, 4 * i + 3)]);
    }
  });

  it('takes the colour of what is visible, however far, and forgets its own', () => {
    const { data, height, width } = paint(300, 200, (x, y, c) => {
      const visible = x < 9 && y < 9;
      if (c === 3) return visible ? 255 : 0;
      return visible ? [200, 100, 50][c]! : (x * y * (c + 1)) & 255;
    });
    const rgb = fillHidden(data, width, height);
    expect(rgb.every((value, i) => value === [200, 100, 50][i % 3])).toBe(true);
  });

  it('is smooth', () => {
    const { data, height, width } = paint(256, 64, (x, _, c) => {
      if (c === 3) return x < 32 || x >= 224 ? 255 : 0;
      return x < 128 ? 40 : 220;
    });
    const rgb = fillHidden(data, width, height);
    let last = rgb[0]!;
    for (let x = 1; x < width; x++) {
      const value = rgb[(20 * width + x) * 3]!;
      expect(value - last).toBeGreaterThanOrEqual(-1);
      expect(value - last).toBeLessThan(8);
      last = value;
    }
  });

  it('is grey where nothing is visible', () => {
    const rgb = fillHidden(new Uint8Array(5 * 3 * 4).fill(0), 5, 3);
    expect(new Set(rgb)).toEqual(new Set([128]));
  });

  it('does nothing to an opaque picture', () => {
    const picture = scene(40, 30);
    expect(fillHidden(picture.data, 40, 30)).toEqual(withoutAlpha(picture).data);
  });
});
