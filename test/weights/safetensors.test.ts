import { describe, expect, it } from 'vitest';
import { fromSafetensors } from '../../src/weights.js';

function fileOf(header: object, data: number): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe('fromSafetensors', () => {
  it.each(['constructor', 'F8_E5M2', 7, undefined])('refuses the type %s', (dtype) => {
    const file = fileOf({ a: { dtype, shape: [1], data_offsets: [0, 4] } }, 4);
    expect(() => fromSafetensors(file)).toThrow(
      expect.objectContaining({ name: 'ShvqError', code: 'UNSUPPORTED', tensor: 'a' }),
    );
  });
});
