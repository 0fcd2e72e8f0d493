import { PeerClient } from './codec/peer-client.js';
import { PEER_NAMES } from './codec/peers.js';
import { runShvq } from './codec/shvq.js';
import { CODEC_LABELS, type Encoded } from './codec/types.js';
import { loadPicture } from './picture/load.js';
import { loadSample } from './picture/sample.js';
import * as state from './state.js';

/** What a visitor can do; each changes the state and nothing else. */

const peers = new PeerClient();
let running: AbortController | undefined;

export async function chooseFile(file: File): Promise<void> {
  await show(() => loadPicture(file, file.name));
}

export async function chooseSample(): Promise<void> {
  await show(loadSample);
}

async function show(load: () => Promise<state.Picture>): Promise<void> {
  cancel();
  state.problem.value = undefined;
  try {
    const picture = await load();
    state.encoded.value = new Map();
    state.shown.value = 'shvq';
    state.picture.value = picture;
    // A tenth of a byte a pixel is where a photo looks good and the codecs differ.
    state.kilobytes.value = Math.max(1, Math.round((picture.width * picture.height) / 25_000));
  } catch (error) {
    state.problem.value = textOf(error);
    return;
  }
  await run();
}

/** Encodes the picture as set; what was running is given up. */
export async function run(): Promise<void> {
  const picture = state.picture.value;
  if (!picture) return;
  cancel();
  state.problem.value = undefined;
  const controller = new AbortController();
  running = controller;
  const { signal } = controller;
  const say = (label: string, fraction?: number): void => {
    if (!signal.aborted) state.work.value = { label, fraction };
  };
  try {
    say('Encoding with shvq', 0);
    const rate =
      state.goal.value === 'quality'
        ? { quality: state.quality.value }
        : { targetBytes: Math.round(state.kilobytes.value * 1000) };
    const own = await runShvq(
      picture,
      { rate, effort: state.effort.value },
      {
        signal,
        onEncode: (fraction) => say('Encoding with shvq', fraction),
        onDecode: (fraction) => say('Decoding with shvq', fraction),
      },
    );
    if (signal.aborted) return;
    say('Measuring');
    put({ ...own, fidelity: await peers.measure(picture, own.decoded) }, true);
    if (!state.comparing.value) return;
    for (const codec of PEER_NAMES) {
      say(`Looking for ${CODEC_LABELS[codec]} of the same size`);
      put(await peers.run(codec, picture, own.file.length), false);
    }
  } catch (error) {
    if (!signal.aborted) state.problem.value = textOf(error);
  } finally {
    if (running === controller) {
      running = undefined;
      state.work.value = undefined;
    }
  }
}

export function cancel(): void {
  running?.abort();
  running = undefined;
  peers.cancel();
  state.work.value = undefined;
}

/** A new shvq file makes the peers' files of the old size worthless. */
function put(result: Encoded, alone: boolean): void {
  const others = alone ? [] : state.encoded.value;
  state.encoded.value = new Map([...others, [result.codec, result]]);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
