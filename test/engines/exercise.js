/**
 * Runs in Node and in the browser alike, on the built package: encodes a picture and decodes a file
 * with every build.
 *
 * @param {{ createDecoder: Function, createEncoder: Function }} shvq
 * @param {{ decoder: Uint8Array, encoder: Uint8Array } | undefined} model bytes of .shvw files; left
 *   out: the shipped ones
 * @param {{ width: number, height: number, data: Uint8ClampedArray }} picture
 * @param {number} quality
 * @returns {Promise<{ build: string, file: Uint8Array, pixels: Uint8Array }[]>}
 */
export async function exercise({ createDecoder, createEncoder }, model, picture, quality) {
  const results = [];
  for (const build of ['simd', 'plain', 'reference']) {
    const encoder = createEncoder({ wasm: build, ...(model && { model }) });
    const decoder = createDecoder({ wasm: build, ...(model && { model: model.decoder }) });
    const file = await encoder.encode(picture, { quality });
    const { data } = await decoder.decode(file);
    const info = await decoder.load();
    results.push({ build: info.build, file, pixels: new Uint8Array(data.buffer) });
  }
  return results;
}

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<string>} SHA-256 in hex
 */
export async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
