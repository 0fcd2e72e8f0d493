/**
 * The page's side of the service worker: the entry point `shvq/service-worker`.
 *
 *     import { registerServiceWorker } from 'shvq/service-worker';
 *     await registerServiceWorker('/service-worker.js');
 *     document.body.innerHTML = '<img src="photo.shv" alt="A harbour" width="768" height="512">';
 */
import { ShvqError } from './format/errors.js';
import { CLAIM } from './service-worker/messages.js';

export { ShvqError, type ShvqErrorCode } from './format/errors.js';

/** A page that was reloaded past its service worker may never be served by it. */
const CLAIM_TIMEOUT = 5000;

function isBroken({ complete, naturalWidth }: HTMLImageElement): boolean {
  return complete && naturalWidth === 0;
}

function isShv({ currentSrc, src }: HTMLImageElement): boolean {
  try {
    return new URL(currentSrc || src).pathname.endsWith('.shv');
  } catch {
    return false;
  }
}

/** Loads images anew that were asked for before the service worker was there. */
function reloadImages(): void {
  for (const image of document.images) {
    if (!isShv(image)) continue;
    const reload = () => {
      // Setting it starts the load, what it is set to does not matter.
      const { src } = image;
      image.src = src;
    };
    if (isBroken(image)) reload();
    else if (!image.complete) image.addEventListener('error', reload, { once: true });
  }
}

/** The worker that will serve pages; rejects where its installation fails. */
async function activated(
  workers: ServiceWorkerContainer,
  { installing, scope, waiting }: ServiceWorkerRegistration,
): Promise<ServiceWorker | null> {
  if (!location.href.startsWith(scope)) {
    throw new ShvqError(
      'LOAD_FAILED',
      `The service worker serves ${scope} and below, and not this page: copy the script to the site's ` +
        'root, or give { scope } and serve the script with the header Service-Worker-Allowed',
    );
  }
  const coming = installing ?? waiting;
  const failed = new Promise<never>((_, reject) => {
    coming?.addEventListener('statechange', () => {
      if (coming.state !== 'redundant') return;
      reject(new ShvqError('LOAD_FAILED', `${coming.scriptURL} could not be installed`));
    });
  });
  const { active } = await Promise.race([workers.ready, failed]);
  return active;
}

/**
 * Registers the service worker and waits until it serves this page: on the first visit too, when
 * images that failed before it was there are loaded anew.
 *
 * @param url Of the copy of `shvq/dist/service-worker.js`, or of a worker that imports it. It serves
 *   what lies in its folder and below.
 * @throws ShvqError ENVIRONMENT where the host has no service workers: outside HTTPS and localhost, in
 *   private windows of some browsers; LOAD_FAILED if the script cannot be registered or installed, or
 *   does not serve this page
 */
export async function registerServiceWorker(
  url = '/service-worker.js',
  options?: RegistrationOptions,
): Promise<ServiceWorkerRegistration> {
  const workers = globalThis.navigator?.serviceWorker;
  if (!workers) {
    throw new ShvqError('ENVIRONMENT', 'The host has no service workers: they need HTTPS');
  }
  let registration: ServiceWorkerRegistration;
  try {
    registration = await workers.register(url, options);
  } catch (cause) {
    throw new ShvqError(
      'LOAD_FAILED',
      `${url} could not be registered: copy shvq/dist/service-worker.js there, and serve it as JavaScript`,
      { cause },
    );
  }
  const active = await activated(workers, registration);
  if (workers.controller) return registration;
  await new Promise<void>((resolve) => {
    workers.addEventListener('controllerchange', () => resolve(), { once: true });
    setTimeout(resolve, CLAIM_TIMEOUT);
    active?.postMessage(CLAIM);
  });
  reloadImages();
  return registration;
}
