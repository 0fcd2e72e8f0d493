import { UsageError } from './options.js';

/**
 * Parses lines as `sha256sum` prints them: 64 hex digits, two spaces (or a space and a star), path.
 * Empty lines and lines that begin with # are passed over.
 *
 * @param name The manifest's own path, for messages.
 * @returns SHA-256 in lower case by path, in the manifest's order.
 * @throws UsageError
 */
export function parseManifest(text: string, name: string): Map<string, string> {
  const result = new Map<string, string>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const match = /^([0-9a-f]{64}) [ *](.+)$/i.exec(line);
    if (!match) throw new UsageError(`${name}, line ${i + 1}: not a SHA-256 and a path`);
    const [, sha256, path] = match as unknown as [string, string, string];
    if (result.has(path)) throw new UsageError(`${name}, line ${i + 1}: ${path} is listed twice`);
    result.set(path, sha256.toLowerCase());
  }
  if (result.size === 0) throw new UsageError(`${name} lists no files`);
  return result;
}
