import { type CodecName, OWN } from './codecs.js';
import { type Provenance, provenanceText } from './machine.js';
import { PHASES, type PhaseShares } from './phases.js';

/** One codec, one picture, one rate. */
export interface Timing {
  set: string;
  picture: string;
  /** Bits per pixel that were asked for. */
  rate: number;
  codec: CodecName;
  quality: number;
  megapixels: number;
  bytes: number;
  /** Bytes over this codec's bytes. */
  sizeRatio: number;
  /** Whether the size is near enough to be compared. */
  matched: boolean;
  decodeMs: number;
  encodeMs: number;
}

export interface SpeedResults extends Provenance {
  /** 'wall', or 'cpu' for the processor's time, system calls included. */
  clock: string;
  codecs: { name: string; version: string }[];
  rates: number[];
  timings: Timing[];
  /** Growth of the resident set over codec and input. */
  memory: {
    codec: CodecName;
    width: number;
    height: number;
    decodeBytes: number;
    encodeBytes: number;
  }[];
  phases: { decode: PhaseShares; encode: PhaseShares };
}

const BASE: CodecName = 'avif';

/** The results as a Markdown page. */
export function speedReport(results: SpeedResults): string {
  const sets = [...new Set(results.timings.map(({ set }) => set))];
  const { width, height } = results.memory[0]!;
  return [
    '# Speed',
    '',
    provenanceText(results),
    '',
    `One thread, WebAssembly in Node: ${results.codecs.map(({ name, version }) => `${name} ${version}`).join(', ')}, ` +
      'the peers at their defaults and at qualities whose files are within 10 % of the size of ours ' +
      '(pictures where a codec has no such quality are left out of its row). Medians; milliseconds ' +
      `of ${results.clock === 'cpu' ? 'processor time' : 'the clock'} per megapixel over all pictures of a set.`,
    '',
    ...sets.flatMap((set) =>
      ['decodeMs', 'encodeMs'].flatMap((key) => table(results, set, key as 'decodeMs')),
    ),
    `## Peak memory at ${width}x${height}`,
    '',
    'How far the resident set of a process grows over codec and input, output included.',
    '',
    '| codec | decode, MB | encode, MB |',
    '|---|---|---|',
    ...results.memory.map(
      ({ codec, decodeBytes, encodeBytes }) =>
        `| ${codec} | ${megabytes(decodeBytes)} | ${megabytes(encodeBytes)} |`,
    ),
    '',
    '## Where the time of shvq goes',
    '',
    'Samples of the stack on the last picture.',
    '',
    '| | decode | encode |',
    '|---|---|---|',
    ...PHASES.map(
      (phase) =>
        `| ${phase} | ${percent(results.phases.decode[phase])} | ${percent(results.phases.encode[phase])} |`,
    ),
    '',
  ].join('\n');
}

function table(results: SpeedResults, set: string, key: 'decodeMs' | 'encodeMs'): string[] {
  const { rates, timings } = results;
  const codecs = [...new Set(timings.map(({ codec }) => codec))];
  const title = key === 'decodeMs' ? 'decode' : 'encode';
  const cell = (codec: CodecName, rate: number): string => {
    const own = speed(timings, set, codec, rate, key);
    const base = speed(timings, set, BASE, rate, key);
    if (own === undefined) return 'no match';
    const ratio = base === undefined ? '' : ` (${(own / base).toFixed(2)})`;
    return `${own.toFixed(1)}${ratio}`;
  };
  return [
    `## ${set}: ${title}, ms per megapixel (ratio to AVIF)`,
    '',
    `| codec | ${rates.map((rate) => `${rate} bpp`).join(' | ')} |`,
    `|---|${rates.map(() => '---|').join('')}`,
    ...codecs.map(
      (codec) =>
        `| ${codec === OWN ? `**${codec}**` : codec} | ${rates.map((rate) => cell(codec, rate)).join(' | ')} |`,
    ),
    '',
  ];
}

function speed(
  timings: Timing[],
  set: string,
  codec: CodecName,
  rate: number,
  key: 'decodeMs' | 'encodeMs',
): number | undefined {
  const own = timings.filter(
    (t) => t.set === set && t.codec === codec && t.rate === rate && t.matched,
  );
  if (own.length === 0) return undefined;
  const sum = (of: (t: Timing) => number): number => own.reduce((total, t) => total + of(t), 0);
  return sum((t) => t[key]) / sum((t) => t.megapixels);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
