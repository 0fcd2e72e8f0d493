/**
 * What runs inside every engine: every case of conformance/ with every build of the package.
 *
 *   await exercise(await import('../../dist/index.js'), { base: 'http://127.0.0.1:8080', engine: 'x' });
 *
 * Plain JavaScript without an import, because an engine loads it as it is. Cases come by fetch from
 * server.ts, and results go back to it one by one, so that an engine that hangs shows where.
 */

const BUILDS = ['simd', 'plain', 'reference'];
const METADATA = ['icc', 'exif', 'xmp'];

/**
 * A case as its case.json says: docs/format.md, "Conformance".
 *
 * @typedef {object} Case
 * @property {string} name Its folder.
 * @property {string} about
 * @property {string} call A key of CALLS.
 * @property {string} [profile]
 * @property {string} [model] Id of its decoder model, 64 hex digits; weights have none.
 * @property {string} input A file of the folder.
 * @property {Record<string, unknown>} [options] Of the call; metadata blocks are files of the folder.
 * @property {Record<string, unknown>} [result] What the call gives beside bytes.
 * @property {Record<string, string>} [digests] SHA-256 by what it is of: expected.sha256.
 * @property {Failure} [error] What it fails with, instead.
 *
 * @typedef {{ code: string, tile?: number, offset?: number }} Failure What is stable of an error.
 * @typedef {{ result: Record<string, unknown>, digests: Record<string, string> } | { error: Failure }} Outcome
 * @typedef {(path: string) => Promise<Uint8Array>} Read
 * @typedef {{ createDecoder: Function, createEncoder: Function, createWeightsDecoder: Function }} Package
 * @typedef {{ decoder: any, encoder: any, weights: any }} Codec
 * @typedef {(testCase: Case) => Promise<Codec>} CodecFor
 */

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<string>} SHA-256 in hex
 */
export async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @returns {Failure} @throws what is no ShvqError */
function describeError(error) {
  if (error?.name !== 'ShvqError') throw error;
  const { code, tile, offset } = error;
  return { code, ...(tile !== undefined && { tile }), ...(offset !== undefined && { offset }) };
}

/** A Portable Arbitrary Map (netpbm's P7) of 8-bit RGB or RGBA. */
function parsePam(bytes) {
  const end = '\nENDHDR\n';
  const text = String.fromCharCode(...bytes.subarray(0, 256));
  const start = text.indexOf(end) + end.length;
  const field = (name) => Number(text.match(new RegExp(`\n${name} (\\d+)`))[1]);
  return { width: field('WIDTH'), height: field('HEIGHT'), data: bytes.subarray(start) };
}

/** Bytes as they come over a slow line. */
function trickle(bytes, step) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + step));
      at += step;
    },
  });
}

/** What is known of a decoded picture, and the digests of its bytes. */
async function describePicture(picture, pixels) {
  const { width, height, colorSpace, quality, hasAlpha, errors } = picture;
  const digests = { pixels: await sha256(pixels) };
  for (const name of METADATA) if (picture[name]) digests[name] = await sha256(picture[name]);
  return {
    result: { width, height, colorSpace, quality, hasAlpha, errors: errors.map(describeError) },
    digests,
  };
}

/** What each call of a case does. */
const CALLS = {
  async decode({ decoder }, input, options) {
    const image = await decoder.decode(input, options);
    return describePicture(image, image.data);
  },

  async decodeRows({ decoder }, input, options) {
    const picture = await decoder.decodeRows(trickle(input, 29), options);
    const pixels = new Uint8Array(picture.width * picture.height * 4);
    for await (const { data, y } of picture) pixels.set(data, y * picture.width * 4);
    return describePicture(picture, pixels);
  },

  async decodeWeights({ weights }, input, options) {
    const { metadata, tensors } = await weights.decode(trickle(input, 997), options);
    const result = { metadata, tensors: {} };
    const digests = {};
    for (const { data, dtype, name, shape } of Object.values(tensors)) {
      result.tensors[name] = { dtype, shape };
      digests[name] = await sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    return { result, digests };
  },

  async encode({ encoder }, input, { colorSpace, ...options }) {
    const file = await encoder.encode({ ...parsePam(input), colorSpace }, options);
    return { result: { bytes: file.length }, digests: { file: await sha256(file) } };
  },
};

/**
 * Runs a case.
 *
 * @param {CodecFor} codecFor
 * @param {Case} testCase
 * @param {Read} read
 * @returns {Promise<Outcome>}
 * @throws what is no ShvqError
 */
export async function outcome(codecFor, testCase, read) {
  const { call, input, name, options = {} } = testCase;
  const file = (path) => read(`conformance/${name}/${path}`);
  const given = { ...options };
  for (const block of METADATA) if (given[block]) given[block] = await file(given[block]);
  const bytes = await file(input);
  const codec = await codecFor(testCase);
  try {
    return await CALLS[call](codec, bytes, given);
  } catch (error) {
    return { error: describeError(error) };
  }
}

/** JSON with sorted keys. */
function canonical(value) {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
    .join()}}`;
}

/**
 * @param {Case} testCase
 * @param {Outcome} actual
 * @returns {string | undefined} What is wrong.
 */
export function problem({ digests, error, result }, actual) {
  const [want, got] = [error ? { error } : { result, digests }, actual].map(canonical);
  return want === got ? undefined : `gave ${got}, not ${want}`;
}

/**
 * Encoders and decoders of one build, made when a case first asks for their model. A model that the
 * package ships is left to the package to find.
 *
 * @param {Package} shvq
 * @param {string} wasm The build.
 * @param {{ decoder: Uint8Array, encoder: Uint8Array }[]} models Those that it does not ship.
 * @returns {CodecFor}
 */
export function codecs({ createDecoder, createEncoder, createWeightsDecoder }, wasm, models) {
  const weights = createWeightsDecoder({ wasm });
  const decoder = createDecoder({ wasm });
  const shipped = new Map();
  const given = models.map((model) => ({
    decoder: createDecoder({ wasm, model: model.decoder }),
    encoder: createEncoder({ wasm, model }),
  }));
  const ids = Promise.all(given.map(async (codec) => (await codec.decoder.load()).modelId));
  return async ({ model, profile }) => {
    const known = given[(await ids).indexOf(model)];
    if (known) return { ...known, weights };
    if (!shipped.has(profile)) shipped.set(profile, createEncoder({ wasm, profile }));
    return { decoder, encoder: shipped.get(profile), weights };
  };
}

/**
 * Runs all cases with all builds and reports each result to the server.
 *
 * @param {Package} shvq
 * @param {object} settings
 * @param {string} settings.base Origin of server.ts.
 * @param {string} settings.engine Name under which results are reported.
 */
export async function exercise(shvq, { base, engine }) {
  const report = (body) =>
    fetch(`${base}/report/${engine}`, { method: 'POST', body: JSON.stringify(body) });
  const read = async (path) => {
    const response = await fetch(`${base}/${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  };
  try {
    const { cases, models } = await (await fetch(`${base}/cases.json`)).json();
    const given = [];
    for (const { decoder, encoder } of models) {
      given.push({ decoder: await read(decoder), encoder: await read(encoder) });
    }
    const { build } = await shvq.createDecoder().load();
    await report({ chosen: build });
    for (const build of BUILDS) {
      const codecFor = codecs(shvq, build, given);
      for (const testCase of cases) {
        let wrong;
        try {
          wrong = problem(testCase, await outcome(codecFor, testCase, read));
        } catch (error) {
          wrong = `threw ${error?.stack ?? error}`;
        }
        await report({ build, name: testCase.name, problem: wrong });
      }
    }
    await report({ done: true });
  } catch (error) {
    await report({ failure: String(error?.stack ?? error) });
  }
}
