/**
 * The models that the package carries. Models stay here for ever: old files decode for ever. Every
 * delivery brings each of them by its name, which is its file's in models/.
 */

export type DecoderName = 'default-decoder' | 'paper-decoder' | 'psnr-decoder';
export type EncoderName = 'default-encoder' | 'paper-encoder' | 'psnr-encoder';

export interface ShippedDecoder {
  readonly profile: string;
  /** 64 hex digits. */
  readonly id: string;
  readonly name: DecoderName;
}

/** The newest of each profile comes first. */
export const SHIPPED_DECODERS: readonly ShippedDecoder[] = [
  {
    profile: 'default',
    id: '2bf21bb0eba6198a10afd5e0199a34c56a561c4bf405b4ce8b62a0807f5f6470',
    name: 'default-decoder',
  },
  {
    profile: 'paper',
    id: '2c329c020d4fd85ffbda19b7d34ec11d8b18921959663c2b37f2a400f7073bbc',
    name: 'paper-decoder',
  },
  {
    profile: 'psnr',
    id: '5e228d20a5dab42eb5c8e9c08f9250439ed5debe1e32d4e091131db9d3c24cec',
    name: 'psnr-decoder',
  },
];

export interface ShippedEncoder {
  /** Id of the decoder model that it belongs to, 64 hex digits. */
  readonly decoderId: string;
  readonly name: EncoderName;
}

/** One for the newest decoder of each profile. */
export const SHIPPED_ENCODERS: readonly ShippedEncoder[] = [
  {
    decoderId: '2bf21bb0eba6198a10afd5e0199a34c56a561c4bf405b4ce8b62a0807f5f6470',
    name: 'default-encoder',
  },
  {
    decoderId: '2c329c020d4fd85ffbda19b7d34ec11d8b18921959663c2b37f2a400f7073bbc',
    name: 'paper-encoder',
  },
  {
    decoderId: '5e228d20a5dab42eb5c8e9c08f9250439ed5debe1e32d4e091131db9d3c24cec',
    name: 'psnr-encoder',
  },
];
