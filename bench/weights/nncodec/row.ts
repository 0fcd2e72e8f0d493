import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tensor } from '../../../src/weights/types.js';
import { fromSafetensors, toSafetensors } from '../../../src/weights.js';
import { BLOCKS, EPSILON, STEM } from '../architecture.js';
import { byName, type Outcome } from '../baselines/methods.js';

/** A row that cannot be measured here. */
export class NotInstalled extends Error {}

const SCRIPT = fileURLToPath(new URL('code.py', import.meta.url));

/** The Python that has what `requirements.txt` lists, by NNCODEC_PYTHON. */
function python(): string {
  const path = process.env.NNCODEC_PYTHON;
  if (path) return path;
  throw new NotInstalled(
    'NNCODEC_PYTHON names no Python with NNCodec: python3 -m venv nncodec && ' +
      'nncodec/bin/pip install --no-deps -r bench/weights/nncodec/requirements.txt',
  );
}

/** The network coded by NNCodec with trellis quantization. */
export function nncodec(tensors: readonly Tensor[], qp: number, fold = false): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'nncodec-'));
  try {
    const [source, target] = [join(folder, 'in.safetensors'), join(folder, 'out.safetensors')];
    writeFileSync(source, toSafetensors(fold ? folded(tensors) : tensors));
    const out = execFileSync(python(), [SCRIPT, source, target, `${qp}`], { encoding: 'utf8' });
    const decoded = fromSafetensors(readFileSync(target)).tensors;
    return { tensors: byName(decoded), ...(JSON.parse(out) as Omit<Outcome, 'tensors'>) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The same network with each normalization in two vectors, scale and shift, as NNCodec's own folding
 * has it: means are 0 and variances 1 then, and cost next to nothing.
 */
function folded(tensors: readonly Tensor[]): Tensor[] {
  const copies = tensors.map((t) => ({ ...t, data: t.data.slice() }) as Tensor);
  const named = byName(copies);
  for (const { norm, outputs } of [STEM, ...BLOCKS.flatMap((b) => [b.first, b.second])]) {
    const vector = (part: string) => named.get(`${norm}.${part}`)!.data;
    const [scale, shift] = [vector('weight'), vector('bias')];
    const [mean, variance] = [vector('running_mean'), vector('running_var')];
    for (let o = 0; o < outputs; o++) {
      scale[o] = scale[o]! / Math.sqrt(variance[o]! + EPSILON);
      shift[o] = shift[o]! - mean[o]! * scale[o]!;
      mean[o] = 0;
      variance[o] = 1 - EPSILON;
    }
  }
  return copies;
}
