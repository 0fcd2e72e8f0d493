import type { EngineBuild } from 'shvq/decode';

/** How a page of a fixture is built, served and what it must do. */
export interface Case {
  readonly name: string;
  /** Below fixtures/. */
  readonly folder: string;
  readonly delivery: 'inline' | 'files';
  /** Shell lines, run in the folder; what a user would type. */
  readonly build: readonly string[];
  /** Served as static files, or by the tool's own server on $PORT. */
  readonly serve:
    | { readonly folder: string; readonly policy?: string }
    | { readonly command: string };
  /** Path of the page on the server; the root if left out. */
  readonly page?: string;
  /** What decodes in the page; undefined where the page does not tell. */
  readonly engine: EngineBuild | undefined;
  /** Configuration that the README has to show: a file of the fixture, or a shell line. */
  readonly documented?: string;
}

const SIMD = { engine: 'simd' } as const;
const DELIVERIES = ['inline', 'files'] as const;

/** Beside the bundle, where esbuild, which knows no `new URL(...)`, does not put them. */
const COPY = 'cp node_modules/shvq/dist/{*.wasm,*-decoder.bin} out/';
const PAGE = 'cp index.html photo.shv out/';
const LINK = 'ln -s ../../node_modules .';

const esbuild = {
  inline: ['esbuild main.js --bundle --minify --splitting --format=esm --outdir=out'],
  files: ['esbuild main.js --bundle --minify --splitting --format=esm --outdir=out', LINK, COPY],
};

const serviceWorker = {
  // One classic script: a service worker knows no import().
  inline: ['esbuild worker.js --bundle --minify --outfile=out/sw.js', PAGE],
  files: ['esbuild worker.js --bundle --minify --format=esm --outfile=out/sw.js', LINK, COPY, PAGE],
};

const WASM_ALLOWED = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";
const STRICT = "default-src 'self'; script-src 'self'; img-src data:";

export const CASES: readonly Case[] = DELIVERIES.flatMap((delivery): Case[] => {
  const at = (fixture: string) => ({
    name: `${fixture} ${delivery}`,
    folder: `${fixture}/${delivery}`,
    delivery,
    ...SIMD,
  });
  const shown = (documented: string) => (delivery === 'files' ? { documented } : {});
  const here = { folder: '.' };
  return [
    {
      ...at('vite'),
      build: ['vite build'],
      serve: { folder: 'dist' },
      ...shown('vite.config.js'),
    },
    {
      ...at('vite'),
      name: `vite dev ${delivery}`,
      build: [],
      serve: { command: 'vite --port $PORT --strictPort' },
    },
    { ...at('webpack'), build: ['webpack --mode production'], serve: here },
    { ...at('rollup'), build: ['rollup -c'], serve: here, ...shown('rollup.config.js') },
    { ...at('esbuild'), build: esbuild[delivery], serve: here, ...shown(COPY) },
    {
      ...at('parcel'),
      build: ['parcel build index.html --no-cache --cache-dir cache --dist-dir out'],
      serve: { folder: 'out' },
    },
    {
      ...at('next'),
      folder: 'next',
      build: ['next build'],
      serve: { command: 'next start -p $PORT' },
      page: delivery,
    },
    {
      ...at('service-worker'),
      build: serviceWorker[delivery],
      serve: { folder: 'out' },
      engine: undefined,
    },
    {
      ...at('esbuild'),
      name: `csp-wasm ${delivery}`,
      build: esbuild[delivery],
      serve: { folder: '.', policy: WASM_ALLOWED },
    },
    {
      ...at('esbuild'),
      name: `csp-strict ${delivery}`,
      build: esbuild[delivery],
      serve: { folder: '.', policy: STRICT },
      engine: 'reference',
    },
  ];
});
