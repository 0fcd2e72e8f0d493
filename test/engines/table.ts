import type { Trial } from './trial.js';

export const BUILDS = ['simd', 'plain', 'reference'] as const;

/** docs/engines.md. */
export function table(trials: readonly Trial[], total: number): string {
  const rows = trials.map(({ chosen, engine, passed, version }) => {
    const counts = BUILDS.map((build) => `${passed[build]?.length ?? 0} / ${total}`);
    return `| ${engine.title} | ${version ?? 'not found'} | ${counts.join(' | ')} | ${chosen ?? ''} |`;
  });
  return `# Engines

The ${total} cases of \`conformance/\` (pictures to decode, pictures to encode, damaged files; see
[format.md](format.md#11-conformance)) in ten JavaScript engines, each with the three builds of the
package. A case passes when all its bytes have the expected SHA-256, or when the error is the expected
one. Written by \`npm run test:engines\`; CI runs it and fails where a number is not ${total}.

| engine | version | WebAssembly with SIMD | WebAssembly | reference | chosen by itself |
|---|---|---|---|---|---|
${rows.join('\n')}

"Chosen by itself" is the build that runs where the \`wasm\` option is left out. workerd compiles no
WebAssembly from bytes and takes the delivery for the edge; the others take the inline one.
`;
}
