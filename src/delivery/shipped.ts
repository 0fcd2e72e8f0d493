/**
 * The models that the package carries. Models stay here for ever: old files decode for ever. Every
 * delivery brings each of them by its name, which is its file's in models/.
 */

export type DecoderName = 'default-decoder' | 'paper-decoder' | 'psnr-decoder';
export type EncoderName = 'default-encoder' | 'paper-encoder' | 'psnr-encoder';

export interface ShippedDecoder {
  readonly profile: string;
  /** What files name it by (`shortId`): 8 hex digits. */
  readonly modelId: string;
  readonly name: DecoderName;
}

/** The newest of each profile comes first. */
export const SHIPPED_DECODERS: readonly ShippedDecoder[] = [
  {
    profile: 'default',
    modelId: '2bf21bb0',
    name: 'default-decoder',
  },
  {
    profile: 'paper',
    modelId: '2c329c02',
    name: 'paper-decoder',
  },
  {
    profile: 'psnr',
    modelId: '5e228d20',
    name: 'psnr-decoder',
  },
];

export interface ShippedEncoder {
  /** Of the decoder model that it belongs to. */
  readonly modelId: string;
  readonly name: EncoderName;
}

/** One for the newest decoder of each profile. */
export const SHIPPED_ENCODERS: readonly ShippedEncoder[] = [
  {
    modelId: '2bf21bb0',
    name: 'default-encoder',
  },
  {
    modelId: '2c329c02',
    name: 'paper-encoder',
  },
  {
    modelId: '5e228d20',
    name: 'psnr-encoder',
  },
];
