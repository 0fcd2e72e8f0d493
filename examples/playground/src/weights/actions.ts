import sampleUrl from '../../../../models/default-decoder.shvw?url';
import * as state from './state.js';
import type { WeightsReply, WeightsRequest } from './types.js';

let worker: Worker | undefined;

export function chooseNetwork(file: Blob, name: string): void {
  state.network.value = { name, file };
  compressNetwork();
}

/** The decoder that shvq itself ships: 0.46 million weights. */
export async function chooseOwnDecoder(): Promise<void> {
  const response = await fetch(sampleUrl);
  chooseNetwork(await response.blob(), 'shvq-decoder.shvw');
}

/** Compresses the chosen network in a worker; what was running is given up. */
export function compressNetwork(): void {
  const chosen = state.network.value;
  if (!chosen) return;
  cancelNetwork();
  state.weightsProblem.value = undefined;
  state.compressed.value = undefined;
  state.fraction.value = 0;
  worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<WeightsReply>) => {
    if (data.kind === 'progress') {
      state.fraction.value = data.fraction;
      return;
    }
    if (data.kind === 'done') state.compressed.value = data.result;
    else state.weightsProblem.value = data.message;
    cancelNetwork();
  };
  worker.onerror = ({ message }) => {
    state.weightsProblem.value = message;
    cancelNetwork();
  };
  const request: WeightsRequest = { ...chosen, ratio: state.ratio.value };
  worker.postMessage(request);
}

export function cancelNetwork(): void {
  worker?.terminate();
  worker = undefined;
  state.fraction.value = undefined;
}
