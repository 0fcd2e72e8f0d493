/**
 * Converts on the fly: `GET /photo.jpg?to=shv&quality=60` encodes a picture of the folder, and
 * `GET /photo.shv?to=webp` decodes one for browsers without shvq.
 *
 *     npm install shvq sharp
 *     node server.js PHOTOS [PORT]
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, extname, join } from 'node:path';
import sharp from 'sharp';
import { decode, encode } from 'shvq';

const [folder = '.', port = '8080'] = process.argv.slice(2);

/** Formats that sharp writes, by their name in the query. */
const MEDIA_TYPES = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  avif: 'image/avif',
};

/** Encodes any picture that sharp can read; its colours are brought to sRGB. */
async function toShv(source, quality) {
  const { data, info } = await sharp(source)
    .autoOrient()
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return encode({ width: info.width, height: info.height, data }, { quality });
}

async function fromShv(source, format) {
  const { width, height, data } = await decode(source, { limits: { maxPixels: 40_000_000 } });
  return sharp(data, { raw: { width, height, channels: 4 } })
    .toFormat(format)
    .toBuffer();
}

async function convert(url) {
  // The base name alone: a path cannot leave the folder.
  const name = basename(decodeURIComponent(url.pathname));
  const to = url.searchParams.get('to');
  const source = await readFile(join(folder, name));
  if (extname(name) === '.shv' && to !== null && to in MEDIA_TYPES) {
    return { type: MEDIA_TYPES[to], body: await fromShv(source, to) };
  }
  if (extname(name) !== '.shv' && to === 'shv') {
    const quality = Number(url.searchParams.get('quality') ?? 75);
    return { type: 'image/x-shv', body: await toShv(source, quality) };
  }
  throw Object.assign(new Error(`No way from ${name} to ${to}`), { status: 400 });
}

/** What a failure is in HTTP: the codes of ShvqError tell a bad request from a bad file. */
function statusOf(error) {
  if (error.code === 'ENOENT') return 404;
  if (error.code === 'BAD_INPUT') return 400;
  return error.status ?? 422;
}

const server = createServer(async (request, response) => {
  try {
    const { type, body } = await convert(new URL(request.url, 'http://localhost'));
    response.writeHead(200, { 'content-type': type, 'cache-control': 'public, max-age=86400' });
    response.end(body);
  } catch (error) {
    response.writeHead(statusOf(error), { 'content-type': 'text/plain' }).end(`${error.message}\n`);
  }
});
server.listen(Number(port), () => console.log(`http://localhost:${server.address().port}/`));
