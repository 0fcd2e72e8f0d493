/**
 * Writes a folder with a package.json for every subpath of the package's exports: `decode/` for
 * `shvq/decode`. Resolvers that do not read exports (Parcel's by default, TypeScript's node10) find
 * the entry points through them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';

export function writeSubpaths() {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const [subpath, target] of Object.entries(exports)) {
    if (subpath === '.' || typeof target === 'string') continue;
    const up = posix.relative(subpath, '.');
    const path = (file) => posix.join(up, file);
    const { default: main, types } = target;
    const stub = { type: 'module', main: path(main), types: path(types) };
    mkdirSync(subpath, { recursive: true });
    writeFileSync(`${subpath}/package.json`, `${JSON.stringify(stub, null, 2)}\n`);
  }
}
