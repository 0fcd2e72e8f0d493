import { describe, expect, it } from 'vitest';
import { EXP2, LOGISTIC, SCALE_MANTISSA } from '../../src/entropy/tables.js';
import { crc32c } from '../../src/format/crc32c.js';

const bytesOf = (table: Uint16Array | Uint32Array) =>
  new Uint8Array(table.buffer, table.byteOffset, table.byteLength);

describe('integer tables', () => {
  it('have the checksums that docs/format.md publishes', () => {
    expect(crc32c(bytesOf(EXP2)).toString(16)).toBe('a1315bdd');
    expect(crc32c(bytesOf(LOGISTIC)).toString(16)).toBe('2ca33574');
  });

  it('are the nearest integers to what they stand for', () => {
    EXP2.forEach((value, j) => {
      expect(value).toBe(Math.round(2 ** (j / 256) * 16384));
    });
    for (let i = 1; i < 224; i++) {
      const cdf = (2 ** 20 - 64) / (1 + Math.exp(-(i - 112) / 8));
      expect(LOGISTIC[i]).toBe(Math.round(cdf));
    }
    SCALE_MANTISSA.forEach((value, r) => {
      expect(value).toBe(Math.round(2 ** (0.5 - r / 4) * 4096));
    });
  });
});
