import { crc32c } from '../../format/crc32c.js';
import { ShvqError } from '../../format/errors.js';
import { ByteReader } from '../../format/reader.js';
import type { TensorEntry, WeightsHeader } from './header.js';

/** A block whose checksum is right. */
export interface Block {
  readonly tensors: readonly TensorEntry[];
  readonly payload: Uint8Array;
}

/** Takes a file's blocks apart, in their order. */
export class BlockReader {
  #index = 0;
  #first = 0;
  #checksum: number;

  constructor(private readonly header: WeightsHeader) {
    this.#checksum = header.checksum;
  }

  /** Whether all blocks have been read. */
  get done(): boolean {
    return this.#index === this.header.blocks.length;
  }

  /** Name of the first tensor of the next block. */
  get tensor(): string | undefined {
    return this.header.tensors[this.#first]?.name;
  }

  /**
   * Bytes of the next block, the fields before its payload included; undefined where more of it is
   * needed to tell.
   *
   * @param offset Of `bytes` in the file, for errors.
   * @throws ShvqError CORRUPT
   */
  length(bytes: Uint8Array, offset: number): number | undefined {
    // A length of more than 5 bytes is no length.
    const end = bytes.subarray(0, 5).findIndex((byte) => byte < 128);
    if (end < 0 && bytes.length < 5) return undefined;
    const reader = new ByteReader(bytes, 'A block');
    try {
      const payload = reader.varint();
      return reader.position + 4 + payload;
    } catch (cause) {
      throw new ShvqError('CORRUPT', 'The length of a block is invalid', {
        offset,
        ...(this.tensor !== undefined && { tensor: this.tensor }),
        cause,
      });
    }
  }

  /**
   * Checks the next block and goes on behind it.
   *
   * @param bytes The block, as long as `length` says.
   * @throws ShvqError CORRUPT
   */
  next(bytes: Uint8Array, offset: number): Block {
    const reader = new ByteReader(bytes, 'A block');
    const payload = bytes.subarray(bytes.length - reader.varint());
    const checksum = crc32c(payload, this.#checksum);
    const tensors = this.header.tensors.slice(
      this.#first,
      this.#first + this.header.blocks[this.#index]!,
    );
    if (reader.u32() !== checksum) {
      const more = tensors.length > 1 ? ` and the ${tensors.length - 1} after it` : '';
      throw new ShvqError('CORRUPT', `A block fails its checksum${more}`, {
        offset,
        tensor: tensors[0]!.name,
      });
    }
    this.#checksum = checksum;
    this.#first += tensors.length;
    this.#index++;
    return { tensors, payload };
  }
}
