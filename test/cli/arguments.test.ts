import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import { UsageError } from '../../src/cli/options.js';

describe('the command line', () => {
  it('is parsed into values', () => {
    expect(parseArguments('encode a.png b.jpg out -q 40 -m --jobs 3 --json'.split(' '))).toEqual({
      command: 'encode',
      paths: ['a.png', 'b.jpg', 'out'],
      quality: 40,
      metadata: true,
      jobs: 3,
      json: true,
      quiet: false,
    });
    const sha = 'AB'.repeat(32);
    const verify = parseArguments(['verify', 'a.shv', '--expect', sha, '--build=plain', '--quiet']);
    expect(verify).toMatchObject({ expect: sha.toLowerCase(), build: 'plain', quiet: true });
    expect(parseArguments(['decode', 'a', 'b', '-s', '1/4']).scale).toBe(0.25);
    expect(parseArguments(['--help']).command).toBe('help');
    expect(parseArguments(['encode', '--version']).command).toBe('version');
  });

  it.each([
    [[], /Give a command/],
    [['melt', 'a'], /Unknown command "melt"/],
    [['encode', 'a.png'], /output/],
    [['decode'], /output/],
    [['info'], /files/],
    [['verify'], /files or --manifest/],
    [['compare', 'a'], /two pictures/],
    [['encode', 'a', 'b', '--quality', '101'], /0\.\.100/],
    [['encode', 'a', 'b', '--quality', '7.5'], /integer/],
    [['encode', 'a', 'b', '--quality', 'NaN'], /integer/],
    [['encode', 'a', 'b', '--quality', ''], /integer/],
    [['encode', 'a', 'b', '--bytes', '0'], /at least 1/],
    [['encode', 'a', 'b', '--bytes', '9', '--quality', '1'], /not both/],
    [['decode', 'a', 'b', '--quality', '1'], /belongs to encode/],
    [['info', 'a', '--expect', 'ab'.repeat(32)], /belongs to verify/],
    [['verify', 'a', '--expect', 'abc'], /64 hex digits/],
    [['verify', 'a', 'b', '--expect', 'ab'.repeat(32)], /one file/],
    [['verify', 'a', '--expect', 'ab'.repeat(32), '--manifest', 'm'], /not both/],
    [['decode', 'a', 'b', '--scale', '1/3'], /1, 1\/2, 1\/4, 1\/8/],
    [['encode', 'a', 'b', '--scale', '1/2'], /belongs to decode, verify/],
    [['decode', 'a', 'b', '--build', 'gpu'], /simd, plain, reference/],
    [['decode', 'a', 'b', '--jobs', '0'], /1\.\.256/],
    [['decode', 'a', 'b', '--nonsense'], /nonsense/],
  ])('%j is a mistake', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(UsageError);
    expect(() => parseArguments(argv)).toThrow(message);
  });
});
