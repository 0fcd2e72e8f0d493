/**
 * The host's globals that the SDK uses, by their shape: src/ is compiled without the types of DOM
 * and Node, and takes nothing for granted but ECMAScript. What may be missing is looked up through
 * `typeof` or is optional on `globalThis`.
 */

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}

declare function structuredClone<T>(value: T, options: { transfer: ArrayBuffer[] }): T;

declare function setTimeout(callback: () => void, milliseconds?: number): unknown;

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
    static exports(module: Module): { name: string }[];
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
  function validate(bytes: Uint8Array): boolean;
}

declare const Worker: new (
  url: URL,
  options: { type: 'module' },
) => import('./worker/spawn.js').WebWorkerLike;
