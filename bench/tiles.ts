/**
 * Time of entropy coding a 1024 x 1024 tile with a random model of the default structure, symbols
 * drawn from the model's own distributions: decoding random bytes does that.
 *
 * Usage: tsx bench/tiles.ts [simd|plain ...]   (after npm run build:wasm)
 */
import { readFileSync } from 'node:fs';
import { quantizerAt } from '../src/entropy/quantizer.js';
import { TileCoder, type TileKernels, tileCoderBytes } from '../src/runtime/tiles.js';
import { Random } from '../test/support/random.js';
import { latentOfSymbols, realisticModel } from '../test/support/realistic.js';

const COLUMNS = 64;
const ROWS = 64;
const POSITIONS = COLUMNS * ROWS;
const MEGAPIXELS = (POSITIONS * 256) / 1e6;
const ADDRESS = 1 << 16;
const TILE = { x: 0, y: 0, width: COLUMNS, height: ROWS };

/** The shortest of several runs: what the machine does when nothing else runs on it. */
function time(run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 25; i++) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

const builds = process.argv.length > 2 ? process.argv.slice(2) : ['simd', 'plain'];
console.log('build  non-zero  bits/pixel  decode ms/MP  ns/symbol  encode ms/MP');
for (const build of builds) {
  const bytes = readFileSync(new URL(`../build/${build}.wasm`, import.meta.url));
  const module = new WebAssembly.Module(bytes);
  for (const octave of [-5.2, -4.4, -3.4]) {
    const model = realisticModel(octave);
    const { channels } = model.latent;
    const plane = ADDRESS + tileCoderBytes(model, COLUMNS, ROWS);
    const memory = new WebAssembly.Memory({
      initial: Math.ceil((plane + 2 * POSITIONS * channels) / 65536),
    });
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const coder = new TileCoder(exports as unknown as TileKernels, memory, model, {
      address: ADDRESS,
      columns: COLUMNS,
      rows: ROWS,
      plane,
      pictureColumns: COLUMNS,
    });
    const quantizer = quantizerAt(model, 50);
    coder.setQuality(quantizer);
    const noise = new Random(7).bytes(1 << 20);
    coder.decode(noise, TILE);
    const symbols = new Uint8Array(memory.buffer).slice(plane, plane + POSITIONS * channels);
    const latent = latentOfSymbols(model, quantizer, symbols);
    const zero = (model.centers.length - 1) / 2;
    const nonZero = symbols.reduce((n, symbol) => n + (symbol === zero ? 0 : 1), 0);
    new Int16Array(memory.buffer, plane, latent.length).set(latent);
    const payload = coder.encode(TILE);
    const encode = time(() => coder.encode(TILE));
    const decode = time(() => coder.decode(payload, TILE));
    console.log(
      [
        build.padEnd(5),
        `${((100 * nonZero) / symbols.length).toFixed(1)} %`.padStart(9),
        ((payload.length * 8) / POSITIONS / 256).toFixed(3).padStart(11),
        (decode / MEGAPIXELS).toFixed(1).padStart(13),
        ((decode * 1e6) / symbols.length).toFixed(1).padStart(10),
        (encode / MEGAPIXELS).toFixed(1).padStart(13),
      ].join(' '),
    );
  }
}
