import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const DECODING = ['decode.js', 'files-decode.js', 'edge-decode.js'];
const ENCODING = ['encode.js', 'files-encode.js', 'edge-encode.js'];

const read = (name: string): string => readFileSync(join('dist', name), 'utf8');

/** What an entry point may load: chunks and imported files, by static and dynamic imports. */
function closure(entry: string): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    if (!name.endsWith('.js')) return;
    for (const [, next] of read(name).matchAll(/(?:from|import)\s*\(?\s*["']\.\/([^"']+)["']/g)) {
      visit(next!);
    }
    for (const [, next] of read(name).matchAll(/new URL\(["']\.\/([^"']+)["']/g)) visit(next!);
  };
  visit(entry);
  return [...found];
}

/** Whether the weights of a shipped model are among files, as base64 or as they are. */
function holds(files: string[], model: string): boolean {
  const base64 = readFileSync(join('models', `${model}.shvw`)).toString('base64');
  const part = base64.slice(base64.length >> 1, (base64.length >> 1) + 200);
  return files.some((name) =>
    name.endsWith('.js') ? read(name).includes(part) : name === `${model}.bin`,
  );
}

const models = readdirSync('models')
  .filter((name) => /^(?!(paper-)?test-).*\.shvw$/.test(name))
  .map((name) => name.replace('.shvw', ''));
const encoders = models.filter((name) => name.endsWith('encoder'));

it.each(DECODING)('%s brings the decoder models, and no encoder model', (entry) => {
  expect(encoders.length).toBeGreaterThan(0);
  const files = closure(entry);
  for (const model of models) expect(holds(files, model)).toBe(!encoders.includes(model));
});

it.each(ENCODING)('%s brings all models', (entry) => {
  for (const model of models) expect(holds(closure(entry), model)).toBe(true);
});

it.each([
  ['decode.js', /\.(wasm|bin)$/],
  ['files-decode.js', /^(simd|plain|default-decoder)-.*\.js$/],
  ['edge-decode.js', /^(simd|plain|default-decoder)-.*\.js$/],
])('%s brings kernels and models in one way', (entry, other) => {
  expect(closure(entry).filter((name) => other.test(name))).toEqual([]);
});

/** What hosts forbid or bundlers stumble over, as it stands in a module's syntax. */
function forbidden(name: string): string[] {
  const source = ts.createSourceFile(name, read(name), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node, inFunction: boolean): void => {
    const text = node.getText(source).slice(0, 60);
    if (
      !inFunction &&
      (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier))
    ) {
      found.push(`top-level await: ${text}`);
    }
    if (ts.isImportDeclaration(node) && /["']node:/.test(node.moduleSpecifier.getText(source))) {
      found.push(text);
    }
    if (ts.isIdentifier(node) && /^(eval|Function)$/.test(text)) {
      found.push(`${text}: ${node.parent.getText(source).slice(0, 60)}`);
    }
    if (
      ts.isNewExpression(node) &&
      /^new (Shared)?Worker\b.*(Blob|blob:|createObjectURL)/.test(text)
    ) {
      found.push(text);
    }
    const inside = inFunction || ts.isFunctionLike(node);
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(source, false);
  return found;
}

describe('no module of the library', () => {
  it('uses top-level await, eval, workers made from blobs, or imports of Node', () => {
    const entries = readdirSync('dist').filter((name) => /\.js$/.test(name) && name !== 'cli.js');
    const files = new Set(entries.flatMap(closure).filter((name) => name.endsWith('.js')));
    expect(files.size).toBeGreaterThan(8);
    for (const name of files) expect([name, ...forbidden(name)]).toEqual([name]);
  });
});
