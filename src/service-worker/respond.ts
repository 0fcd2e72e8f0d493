import { ShvqError } from '../format/errors.js';
import type { DecodedRows, DecodedStrip, Decoder } from '../types.js';
import { PngWriter } from './png.js';

/** Headers of the .shv that hold for the PNG too. */
const KEPT = ['cache-control', 'expires', 'date', 'last-modified', 'access-control-allow-origin'];

/** A response that pages see as a broken image, and people as a sentence. */
export function failure(error: unknown): Response {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof ShvqError ? error.code : 'LOAD_FAILED';
  return new Response(`shvq ${code}: ${message}\n`, {
    // 422: the request was understood; what it names cannot be shown.
    status: code === 'LOAD_FAILED' ? 502 : 422,
    // ASCII is what a status text may hold everywhere.
    statusText: `shvq ${code}: ${message}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 200),
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
}

function pngHeaders(from: Response): Headers {
  const headers = new Headers({ 'content-type': 'image/png' });
  for (const name of KEPT) {
    const value = from.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

/** A picture's first rows, and an iterator over the rest. */
interface Opened {
  readonly rows: DecodedRows;
  readonly first: DecodedStrip;
  readonly rest: AsyncIterator<DecodedStrip>;
}

/** @throws ShvqError */
async function open(decoder: Decoder, response: Response): Promise<Opened> {
  const rows = await decoder.decodeRows(response);
  const rest = rows[Symbol.asyncIterator]();
  const { done, value: first } = await rest.next();
  if (done) throw new ShvqError('CORRUPT', 'The picture has no rows');
  return { rows, first, rest };
}

/** The file, as rows are decoded; what goes wrong on the way breaks it off. */
function pngStream(
  { first, rest, rows }: Opened,
  end: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const writer = new PngWriter(rows);
  return new ReadableStream({
    start(controller) {
      controller.enqueue(writer.head());
      controller.enqueue(writer.rows(first));
    },
    async pull(controller) {
      try {
        const { done, value } = await rest.next();
        if (!done) {
          controller.enqueue(writer.rows(value));
          return;
        }
        controller.close();
      } catch (error) {
        // The status has been sent; the console is where it can still be read.
        console.error(error);
        controller.error(error);
      }
      end();
    },
    async cancel() {
      await rest.return?.();
      end();
    },
  });
}

/**
 * The PNG of a .shv picture, row by row as its bytes arrive.
 *
 * @param end Called once when nothing more is decoded.
 * @returns The response, of status 422 with a sentence where the file is wrong, as far as its first
 *   rows show it; and the PNG's bytes, about.
 */
export async function toPng(
  decoder: Decoder,
  source: Response,
  end: () => void,
): Promise<{ response: Response; bytes: number }> {
  try {
    const opened = await open(decoder, source);
    const { hasAlpha, height, width } = opened.rows;
    const response = new Response(pngStream(opened, end), { headers: pngHeaders(source) });
    return { response, bytes: width * height * (hasAlpha ? 4 : 3) };
  } catch (error) {
    end();
    return { response: failure(error), bytes: 0 };
  }
}
