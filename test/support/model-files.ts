import { decoderTensors, encoderTensors } from '../../src/model/serialize.js';
import { serializeTensors } from '../../src/model/tensors.js';
import { syntheticModel } from './models.js';

/** A synthetic model as the bytes of its two .shvw files. */
export function modelFiles(seed: number): { decoder: Uint8Array; encoder: Uint8Array } {
  const { decoder, encoder } = syntheticModel(seed);
  return {
    decoder: serializeTensors(decoderTensors(decoder)),
    encoder: serializeTensors(encoderTensors(encoder)),
  };
}
