/**
 * Peak memory of one operation in a process of its own: prints the bytes by which the resident set
 * grew over its size with codec and input loaded.
 *
 *   tsx bench/memory-worker.ts '{"codec": "shvq", "operation": "decode", "path": ..., ...}'
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type CodecName, loadCodec } from './codecs.js';
import type { ModelChoice } from './model.js';

export interface MemoryTask {
  codec: CodecName;
  operation: 'decode' | 'encode';
  /** A file of the codec to decode, or RGBA bytes to encode. */
  path: string;
  width: number;
  height: number;
  quality: number;
  model: ModelChoice;
}

const task = JSON.parse(process.argv[2]!) as MemoryTask;
const codec = await loadCodec(task.codec, task.model);
const input = exact(readFileSync(task.path));
globalThis.gc?.();
resetPeak();
const before = peak();
if (task.operation === 'decode') await codec.decode(input);
else {
  const { width, height } = task;
  await codec.encode({ width, height, data: new Uint8ClampedArray(input.buffer) }, task.quality);
}
console.log(peak() - before);

/** The kernel's high-water mark of the resident set (Linux only). */
function peak(): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(match![1]) * 1024;
}

/** Sets the high-water mark to the present size; see proc(5). */
function resetPeak(): void {
  writeFileSync('/proc/self/clear_refs', '5');
}

/** Bytes in a buffer that holds nothing else. */
function exact(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
