import { expect } from 'vitest';
import decoderFile from '../../models/test-decoder.shvw';
import encoderFile from '../../models/test-encoder.shvw';
import { createDecoder } from '../../src/decode.js';
import { createEncoder } from '../../src/encode.js';
import { ShvqError, type ShvqErrorCode } from '../../src/format/errors.js';
import { parseDecoderModel, parseEncoderModel } from '../../src/model/build.js';
import type { DecoderSettings, EncoderSettings } from '../../src/types.js';
import { asScalars } from './models.js';

/** The frozen test model: golden values depend on it. */
export const MODEL = {
  decoder: asScalars(parseDecoderModel(decoderFile)),
  encoder: parseEncoderModel(encoderFile),
};

export const tinyDecoder = (settings: DecoderSettings = {}) =>
  createDecoder({ model: MODEL.decoder, ...settings });

export const tinyEncoder = (settings: EncoderSettings = {}) =>
  createEncoder({ model: MODEL, ...settings });

/** The ShvqError that `work` fails with; its code is checked. */
export async function failure(
  work: (() => unknown) | Promise<unknown>,
  code: ShvqErrorCode,
): Promise<ShvqError> {
  let caught: unknown;
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(ShvqError);
  expect((caught as ShvqError).code).toBe(code);
  return caught as ShvqError;
}

/** Compares many bytes at once; `toEqual` looks at each of them for milliseconds. */
export function expectSameBytes(
  actual: Uint8Array | Uint8ClampedArray,
  expected: Uint8Array | Uint8ClampedArray,
): void {
  const [a, b] = [actual, expected].map((view) =>
    Buffer.from(view.buffer, view.byteOffset, view.byteLength),
  );
  if (!a!.equals(b!)) {
    const at = a!.findIndex((value, i) => value !== b![i]);
    expect.fail(`${a!.length} bytes differ from ${b!.length} at byte ${at}`);
  }
}
