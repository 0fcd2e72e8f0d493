import { BitWriter } from '../../entropy/bit-writer.js';
import { RangeEncoder } from '../../entropy/range-encoder.js';
import { crc32c } from '../../format/crc32c.js';
import { ByteWriter } from '../../format/writer.js';
import { concatenate } from '../../image/bytes.js';
import { codeElements } from '../coder/block.js';
import { CONTEXTS } from '../coder/contexts.js';
import { type PlannedTensor, planTensor } from '../plan/tensor.js';
import type { WeightsFile } from '../types.js';
import { writeHeader } from './write-header.js';

/** Elements after which a block ends: its tensors are usable once it has arrived. */
const BLOCK_ELEMENTS = 2 ** 16;

export interface WriteOptions {
  /** Elements after which a block ends; 0 gives every tensor its own. Default 65,536. */
  readonly blockElements?: number | undefined;
}

function blocksOf(planned: readonly PlannedTensor[], elements: number): PlannedTensor[][] {
  const blocks: PlannedTensor[][] = [];
  let open: PlannedTensor[] = [];
  let held = 0;
  for (const tensor of planned) {
    open.push(tensor);
    held += tensor.elements.length;
    if (held < elements) continue;
    blocks.push(open);
    open = [];
    held = 0;
  }
  if (open.length > 0) blocks.push(open);
  return blocks;
}

/** The low bytes of each element that are stored as they are. */
function rawBytes({ elements, raw, width }: PlannedTensor): Uint8Array {
  const bytes = new Uint8Array((elements.length / width) * raw);
  for (let from = 0, to = 0; to < bytes.length; from += width, to += raw) {
    bytes.set(elements.subarray(from, from + raw) as Uint8Array, to);
  }
  return bytes;
}

/**
 * Writes a `.shvw` file of version 1.
 *
 * @throws ShvqError BAD_INPUT for a tensor that breaks the promises of its type, and for too long a header
 */
export function writeWeights(file: WeightsFile, options: WriteOptions = {}): Uint8Array {
  const planned = planTensors(file);
  const blocks = blocksOf(planned, options.blockElements ?? BLOCK_ELEMENTS);
  const header = writeHeader({
    metadata: file.metadata,
    tensors: planned.map(({ entry }) => entry),
    blocks: blocks.map(({ length }) => length),
  });
  const parts: Uint8Array[] = [header.bytes];
  let checksum = header.checksum;
  let writer: BitWriter | undefined;
  for (const block of blocks) {
    const coder = new RangeEncoder();
    if (writer) writer.resume(coder);
    else writer = new BitWriter(coder, CONTEXTS);
    const raw = block.map(rawBytes);
    for (const { entry, elements } of block) codeElements(writer, entry, elements);
    const code = coder.finish();
    const size = raw.reduce((sum, { length }) => sum + length, code.length);
    for (const part of [...raw, code]) checksum = crc32c(part, checksum);
    const head = new ByteWriter();
    head.varint(size);
    head.u32(checksum);
    parts.push(head.finish(), ...raw, code);
  }
  return concatenate(parts);
}

function planTensors({ tensors }: WeightsFile): PlannedTensor[] {
  const names = new Set<string>();
  return tensors.map((tensor) => planTensor(tensor, names));
}
