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
    decoderId: '216ed327e29a3735b437d3866dbc0480eedb91a522f746d3b9c9838c5b0b9c9a',
    load: async () => (await import('../../models/default-encoder.shvw')).default,
  },
];
