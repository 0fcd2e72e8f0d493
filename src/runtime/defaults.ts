/**
 * The decoder models that the package carries, each in a chunk of its own, which is loaded when a
 * file names it. Models stay here for ever: old files decode for ever.
 */
export interface ShippedDecoder {
  readonly profile: string;
  /** 64 hex digits. */
  readonly id: string;
  /** @returns The bytes of a .shvw file. */
  load(): Promise<Uint8Array>;
}

/** The newest of each profile comes first. */
export const SHIPPED_DECODERS: readonly ShippedDecoder[] = [
  {
    profile: 'default',
    id: '216ed327e29a3735b437d3866dbc0480eedb91a522f746d3b9c9838c5b0b9c9a',
    load: async () => (await import('../../models/default-decoder.shvw')).default,
  },
];
