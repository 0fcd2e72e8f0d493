import { MODEL_MAGIC, WASM_MAGIC } from '../format/constants.js';
import { ShvqError } from '../format/errors.js';
import { isPage, startsWith } from '../format/sniff.js';

const ADVICE =
  'its bundler has to copy it there (README, "Three deliveries"), or import shvq/decode in place of ' +
  'shvq/files/decode, which carries it in JavaScript';

/** @throws ShvqError ENVIRONMENT where a module cannot tell where it lies */
function locateFile(name: string, locate: () => URL): URL {
  try {
    return locate();
  } catch (cause) {
    throw new ShvqError(
      'ENVIRONMENT',
      `Where ${name} lies is not known: the host has no URL, or the program's format no ` +
        'import.meta.url. Import shvq/decode in place of shvq/files/decode, or build ES modules',
      { cause },
    );
  }
}

interface Loaded {
  readonly bytes: Uint8Array;
  /** The type that a server gave it. */
  readonly type: string;
}

async function fetchFile(url: URL): Promise<Loaded> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new ShvqError(
      'LOAD_FAILED',
      `${url.href} could not be fetched: check the network, CORS if it lies at another origin, and ` +
        "connect-src in the page's Content-Security-Policy",
      { cause },
    );
  }
  if (!response.ok) {
    throw new ShvqError('LOAD_FAILED', `${url.href} has status ${response.status}: ${ADVICE}`);
  }
  try {
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { bytes, type: response.headers.get('content-type') ?? 'of no type' };
  } catch (cause) {
    throw new ShvqError('LOAD_FAILED', `${url.href} broke off: try again`, { cause });
  }
}

/** Through Node's own module if there is one: fetch reads no files there. */
async function readFile(url: URL): Promise<Loaded> {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs/promises');
  if (!fs) return fetchFile(url);
  try {
    return { bytes: new Uint8Array(await fs.readFile(url)), type: 'on disk' };
  } catch (cause) {
    throw new ShvqError('LOAD_FAILED', `${url.href} cannot be read: ${ADVICE}`, { cause });
  }
}

/**
 * Loads a file of the package, wherever it is served from. The type that a server gives it does not
 * matter: a static server that does not know `.wasm` is no reason to fail. What it holds does.
 *
 * @param name Its name: `.wasm`, or else a model.
 * @param locate Its address; may throw.
 * @throws ShvqError LOAD_FAILED, ENVIRONMENT
 */
export async function loadFile(name: string, locate: () => URL): Promise<Uint8Array> {
  const url = locateFile(name, locate);
  const { bytes, type } = await (url.protocol === 'file:' ? readFile(url) : fetchFile(url));
  if (startsWith(bytes, name.endsWith('.wasm') ? WASM_MAGIC : MODEL_MAGIC)) return bytes;
  const what = isPage(bytes) ? 'a web page' : `${bytes.length} other bytes`;
  throw new ShvqError('LOAD_FAILED', `${url.href} (${type}) is ${what}, not ${name}: ${ADVICE}`);
}
