/**
 * The host's globals that the SDK uses, by their shape: src/ is compiled without the types of DOM
 * and Node, and takes nothing for granted but ECMAScript.
 */
export interface Host {
  readonly WebAssembly?: HostWebAssembly;
  readonly setTimeout?: (callback: () => void, milliseconds: number) => unknown;
  /** Node, Deno, Bun. */
  readonly setImmediate?: (callback: () => void) => unknown;
  /** Chromium and Firefox. */
  readonly scheduler?: { yield?: () => Promise<void> };
}

export interface HostMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export interface HostWebAssembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Record<string, unknown> };
  readonly Memory: new (descriptor: { initial: number; maximum?: number }) => HostMemory;
  compile(bytes: Uint8Array): Promise<object>;
  validate(bytes: Uint8Array): boolean;
}

/** Looked up at each use: a page may load a polyfill later. */
export function host(): Host {
  return globalThis as unknown as Host;
}
