/**
 * Peak memory of one operation in a process of its own: prints the bytes by which the resident set
 * grew over its size with codec and input loaded.
 *
 *   tsx bench/memory-worker.ts '{"codec": "shvq", "operation": "decode", "path": ..., ...}'
 */
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
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
const input = readWhole(task.path);
globalThis.gc?.();
resetPeak();
const before = peak();
if (task.operation === 'decode') await codec.decode(input);
else {
  const { width, height } = task;
  await codec.encode({ width, height, data: new Uint8ClampedArray(input.buffer) }, task.quality);
}
console.log(Math.max(0, peak() - before));

/** The kernel's high-water mark of the resident set (Linux only). */
function peak(): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(match![1]) * 1024;
}

/** Sets the high-water mark to the present size; see proc(5). */
function resetPeak(): void {
  writeFileSync('/proc/self/clear_refs', '5');
}

/** A file in a buffer of its own, without a second copy whose end would hide what is measured. */
function readWhole(path: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(statSync(path).size);
  const file = openSync(path, 'r');
  for (let at = 0; at < bytes.length; ) at += readSync(file, bytes, at, bytes.length - at, null);
  closeSync(file);
  return bytes;
}
