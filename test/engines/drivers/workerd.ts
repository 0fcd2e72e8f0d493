import { readdirSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { ROOT } from '../cases.js';
import { type Engine, installed } from './engine.js';

/** Any date up to the version's own; it decides which fixes of behaviour are on. */
const COMPATIBILITY_DATE = '2026-01-01';

const KINDS: Record<string, string> = { '.js': 'esModule', '.wasm': 'wasm', '.bin': 'data' };

/** Every module by name: workerd reads no files but those that its configuration embeds. */
function config(url: string, folder: string): string {
  const built = readdirSync(join(ROOT, 'dist'))
    .filter((name) => name !== 'cli.js')
    .map((name) => `dist/${name}`);
  const paths = ['test/engines/hosts/workerd.js', 'test/engines/exercise.js', ...built];
  const modules = paths.flatMap((path) => {
    const kind = KINDS[extname(path)];
    if (!kind) return [];
    return [`(name = "${path}", ${kind} = embed "${relative(folder, join(ROOT, path))}")`];
  });
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["local", "private"])),
  ],
);
const main :Workerd.Worker = (
  modules = [
    ${modules.join(',\n    ')}
  ],
  bindings = [(name = "base", text = "${url}")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
);
`;
}

export const WORKERD: Engine = {
  name: 'workerd',
  title: 'workerd',
  candidates: [installed('@cloudflare/workerd-linux-64/bin/workerd')],
  command: (executable, url, folder) => {
    const path = join(folder, 'config.capnp');
    writeFileSync(path, config(url, folder));
    return { executable, arguments: ['test', path] };
  },
};
