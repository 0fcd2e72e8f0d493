import { describe, expect, it } from 'vitest';
import { ShvqError } from '../../src/format/errors.js';
import { fromFault, toFault } from '../../src/worker/faults.js';

describe('an error that comes out of a thread', () => {
  it('says all that it said inside', () => {
    const cause = new ShvqError('CORRUPT', 'Wrong', {
      tensor: 'conv/kernel',
      cause: new Error('why'),
    });
    const error = new ShvqError('TRUNCATED', 'Ends', { offset: 7, tile: 3, needed: 20, cause });
    const copy = fromFault(structuredClone(toFault(error)));
    expect(copy).toBeInstanceOf(ShvqError);
    expect(copy.message).toBe(error.message);
    expect({ ...copy }).toEqual({ ...error });
    expect({ ...(copy.cause as ShvqError) }).toEqual({ ...cause });
    expect((copy.cause as ShvqError).cause).toEqual(new Error('why'));
  });
});
