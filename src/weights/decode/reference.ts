import { BitReader } from '../../entropy/adaptive.js';
import { RangeDecoder } from '../../entropy/range-decoder.js';
import { codePlanes } from '../coder/bits.js';
import { CONTEXTS } from '../coder/contexts.js';
import type { SequenceParameters } from '../coder/parameters.js';
import { codeSequence } from '../coder/sequence.js';
import { codeIndices } from '../coder/vector.js';
import type { CodeReader, WeightsEngine } from './engine.js';

class ReferenceReader implements CodeReader {
  readonly #bits = new BitReader(new RangeDecoder(new Uint8Array(0)), CONTEXTS);

  resume(code: Uint8Array): void {
    this.#bits.resume(new RangeDecoder(code));
  }

  sequence(count: number, parameters: SequenceParameters): Int32Array {
    const values = new Int32Array(count);
    codeSequence(this.#bits, values, parameters);
    return values;
  }

  indices(count: number, row: number): Int32Array {
    const values = new Int32Array(count);
    codeIndices(this.#bits, values, row);
    return values;
  }

  planes(elements: Uint8Array, width: number, raw: number): void {
    codePlanes(this.#bits, elements, width, raw);
  }
}

/** The executable specification of docs/weights-format.md. */
export const REFERENCE: WeightsEngine = {
  build: 'reference',
  open: () => new ReferenceReader(),
};
