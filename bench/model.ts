import { readFile } from 'node:fs/promises';
import type { DecoderSettings, EncoderSettings } from 'shvq';

/** Which model a bench runs: a shipped profile, or a pair of .shvw files. */
export interface ModelChoice {
  profile?: string;
  decoder?: string;
  encoder?: string;
}

/** The same choice as options of `parseArgs`. */
export const MODEL_OPTIONS = {
  profile: { type: 'string' },
  decoder: { type: 'string' },
  encoder: { type: 'string' },
} as const;

export async function encoderSettings(choice: ModelChoice): Promise<EncoderSettings> {
  if (choice.decoder === undefined && choice.encoder === undefined) {
    return choice.profile === undefined ? {} : { profile: choice.profile };
  }
  if (choice.decoder === undefined || choice.encoder === undefined) {
    throw new Error('Give both --decoder and --encoder, or neither');
  }
  return {
    model: { decoder: await readFile(choice.decoder), encoder: await readFile(choice.encoder) },
  };
}

export async function decoderSettings(choice: ModelChoice): Promise<DecoderSettings> {
  return choice.decoder === undefined ? {} : { model: await readFile(choice.decoder) };
}
