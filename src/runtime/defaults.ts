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
    id: '5e92d6c47d47f28c5fd81023829b8ba8af68dca4e820351b6f78fe6d39999d29',
    load: async () => (await import('../../models/default-decoder.shvw')).default,
  },
];
