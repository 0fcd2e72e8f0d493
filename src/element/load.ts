import { ShvqError } from '../format/errors.js';
import type { DecodedInfo, DecodedStrip } from '../types.js';
import type { RowDecoder } from './decoding.js';

export interface Picture {
  readonly url: URL;
  readonly request: RequestInit;
  readonly signal: AbortSignal;
}

/** Where a picture's rows go. */
export interface Painter {
  open(info: DecodedInfo): void;
  paint(strip: DecodedStrip): void;
}

async function request({ url, request: init, signal }: Picture): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal });
  } catch (cause) {
    if (signal.aborted) throw new ShvqError('ABORTED', 'Aborted', { cause });
    throw new ShvqError(
      'LOAD_FAILED',
      `${url.href} could not be fetched: check the network, CORS if it lies at another origin, and ` +
        "connect-src in the page's Content-Security-Policy",
      { cause },
    );
  }
  if (response.ok) return response;
  throw new ShvqError('LOAD_FAILED', `${url.href} has status ${response.status}`);
}

/**
 * Fetches and decodes a picture; rows are painted as soon as their bytes are there.
 *
 * @throws ShvqError
 */
export async function loadPicture(
  decoding: Promise<RowDecoder>,
  picture: Picture,
  painter: Painter,
): Promise<void> {
  const { signal } = picture;
  // Both at once: the network does not wait for the worker.
  const [response, decoder] = await Promise.all([request(picture), decoding]);
  const rows = await decoder.decodeRows(response, { signal });
  painter.open(rows);
  for await (const strip of rows) painter.paint(strip);
}
