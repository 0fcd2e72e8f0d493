import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/cli/manifest.js';

const SHA = 'ab'.repeat(32);

describe('a manifest', () => {
  it('is read as sha256sum writes it', () => {
    const text = `# photos\n${SHA}  a b.shv\r\n\n${SHA.toUpperCase()} *dir/c.shv\n`;
    expect([...parseManifest(text, 'm')]).toEqual([
      ['a b.shv', SHA],
      ['dir/c.shv', SHA],
    ]);
  });

  it.each([
    [`${SHA} a.shv`, /m, line 1/],
    [`${SHA}  a.shv\nnonsense`, /m, line 2/],
    [`${SHA}  a.shv\n${SHA}  a.shv`, /listed twice/],
    ['', /lists no files/],
  ])('%j is refused', (text, message) => {
    expect(() => parseManifest(text, 'm')).toThrow(message);
  });
});
