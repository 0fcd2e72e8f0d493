/**
 * More of the host's globals, for loading files. Apart from host.d.ts, because Node's own types, with
 * which the tests compile, know them and are no superset by name.
 */

declare class URL {
  constructor(path: string, base: string);
  readonly href: string;
  readonly protocol: string;
}

interface ImportMeta {
  readonly url: string;
}

interface Response {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

declare function fetch(url: URL): Promise<Response>;

/** Node's, and that of hosts like it. */
declare var process:
  | {
      getBuiltinModule?(
        name: 'node:fs/promises',
      ): { readFile(path: URL): Promise<Uint8Array> } | undefined;
    }
  | undefined;
