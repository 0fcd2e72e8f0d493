/** The encoder models that the package carries; not imported by pages that only decode. */
export interface ShippedEncoder {
  /** Id of the decoder model that it belongs to, 64 hex digits. */
  readonly decoderId: string;
  /** @returns The bytes of a .shvw file. */
  load(): Promise<Uint8Array>;
}

/** One for the newest decoder of each profile. */
export const SHIPPED_ENCODERS: readonly ShippedEncoder[] = [
  {
    decoderId: '5e92d6c47d47f28c5fd81023829b8ba8af68dca4e820351b6f78fe6d39999d29',
    load: async () => (await import('../../models/default-encoder.shvw')).default,
  },
];
