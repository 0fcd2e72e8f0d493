import { describe, expect, it } from 'vitest';
import { createEncoder } from '../../src/encode.js';
import { buildDecoderModel, parseDecoderModel } from '../../src/model/build.js';
import { symbolsOf } from '../../src/model/layers.js';
import { decoderTensors } from '../../src/model/serialize.js';
import { serializeTensors } from '../../src/model/tensors.js';
import { failure } from '../support/codec.js';
import { VECTOR_TORTURE, vectorModel } from '../support/models.js';

const { decoder, encoder } = vectorModel(4);
const file = decoderTensors(decoder);

function changed(name: string, value: number) {
  const tensors = file.tensors.map((tensor) =>
    tensor.name === name ? { ...tensor, data: Int16Array.from(tensor.data) } : tensor,
  );
  tensors.find((tensor) => tensor.name === name)!.data[5] = value;
  return { ...file, tensors };
}

describe('a model of vectors', () => {
  it('comes back from its file', () => {
    expect(parseDecoderModel(serializeTensors(file))).toEqual(decoder);
    const torture = vectorModel(5, VECTOR_TORTURE).decoder;
    expect(buildDecoderModel(decoderTensors(torture))).toEqual(torture);
    expect(symbolsOf(decoder)).toBe(6);
  });

  it.each([
    ['gains out of range', changed('gains.encoder', 1536)],
    [
      'channels that are no vectors',
      { ...file, structure: file.structure.replace('"dimension":4', '"dimension":5') },
    ],
    ['centers missing', { ...file, structure: file.structure.replace('"size":37', '"size":38') }],
    ['no rates', { ...file, structure: file.structure.replace('"rates":3', '"rates":0') }],
  ])('is refused with %s', (_, content) => {
    expect(() => buildDecoderModel(content)).toThrowError(
      expect.objectContaining({ code: 'BAD_MODEL' }),
    );
  });

  it('is no model to encode with where centers are out of range', async () => {
    const far = buildDecoderModel(changed('codebook.centers', 8192));
    const model = { decoder: far, encoder: { ...encoder, decoderId: far.id } };
    for (const wasm of ['plain', 'reference'] as const) {
      await failure(createEncoder({ wasm, model }).load(), 'BAD_MODEL');
    }
  });
});
