/**
 * A service worker that shows .shv files in plain images. The package has it as one file, which takes
 * no configuration; it is copied to the root of a site:
 *
 *     cp node_modules/shvq/dist/service-worker.js public/
 *
 * The page registers it with `registerServiceWorker()` of `shvq/service-worker`. A site with a service
 * worker of its own starts it with `importScripts('/service-worker.js')` in place of that.
 */
import { createDecoder } from './decode.js';
import { ShvqError } from './format/errors.js';
import { Gate } from './service-worker/gate.js';
import { CLAIM } from './service-worker/messages.js';
import { mayKeep, PngCache, versionOf } from './service-worker/png-cache.js';
import { failure, toPng } from './service-worker/respond.js';

/** The part of a service worker's events that is used. */
interface WorkerEvent {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent extends WorkerEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

interface Scope {
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(
    type: 'message',
    listener: (event: WorkerEvent & { readonly data: unknown }) => void,
  ): void;
}

/** What browsers show a picture in; scripts that fetch a .shv get it as it is. */
const DESTINATIONS: readonly string[] = ['image', 'document', 'iframe'];

/**
 * Pictures that are decoded at once: each holds its symbols, half a byte a pixel, and some rows. Some
 * may wait for their bytes, which may never come: then others go on after a while.
 */
const gate = new Gate(4, 3000);
const decoder = createDecoder();
const cache = new PngCache('shvq-png-1');

function isPicture({ destination, method, url }: Request): boolean {
  return (
    method === 'GET' && DESTINATIONS.includes(destination) && new URL(url).pathname.endsWith('.shv')
  );
}

/** The file itself. Images from other origins come without their bytes unless they are asked for so. */
async function request({ cache: mode, credentials, mode: kind, signal, url }: Request) {
  try {
    return await fetch(url, {
      cache: mode === 'only-if-cached' ? 'default' : mode,
      credentials: kind === 'cors' ? credentials : 'same-origin',
      signal,
    });
  } catch (cause) {
    throw new ShvqError('LOAD_FAILED', `${url} could not be fetched`, { cause });
  }
}

/** Goes on after the answer. It may fail: pictures break off, and disks are full. */
function later(event: WorkerEvent, work: Promise<unknown>): void {
  event.waitUntil(work.catch(() => {}));
}

/** A response that is no picture, as it is: but what was redirected answers no navigation. */
function passOn(source: Response): Response {
  return source.redirected ? new Response(source.body, source) : source;
}

async function answer(event: FetchEvent): Promise<Response> {
  const { url } = event.request;
  let source: Response;
  try {
    source = await request(event.request);
  } catch (error) {
    return (await cache.match(url)) ?? failure(error);
  }
  if (!source.ok) return passOn(source);
  const keeps = mayKeep(source);
  if (!keeps) later(event, cache.delete(url));
  const version = keeps ? versionOf(source) : undefined;
  const known = version && (await cache.match(url, version));
  if (known) {
    await source.body?.cancel();
    return known;
  }
  const leave = await gate.enter();
  const { bytes, response } = await toPng(decoder, source, leave);
  if (version && response.ok) later(event, cache.put(url, version, response.clone(), bytes));
  return response;
}

const scope = globalThis as unknown as Scope;
scope.addEventListener('fetch', (event) => {
  if (isPicture(event.request)) event.respondWith(answer(event));
});
scope.addEventListener('message', (event) => {
  if (event.data === CLAIM) event.waitUntil(scope.clients.claim());
});
