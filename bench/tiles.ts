/**
 * Time of entropy coding a 1024 x 1024 tile with a random model of the default structure, symbols
 * drawn from the model's own distributions: decoding random bytes does that.
 *
 * Usage: tsx bench/tiles.ts [simd|plain ...]   (after npm run build:wasm)
 */
import { readFileSync } from 'node:fs';
import { Random } from '../test/support/random.js';
import { latentOfSymbols, realisticModel } from '../test/support/realistic.js';
import { TileBench } from '../test/support/tiles.js';

const COLUMNS = 64;
const ROWS = 64;
const POSITIONS = COLUMNS * ROWS;
const MEGAPIXELS = (POSITIONS * 256) / 1e6;

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
    const bench = new TileBench(module, model, COLUMNS, ROWS, 50);
    const symbols = bench.decode(new Random(7).bytes(1 << 20));
    const zero = (model.centers.length - 1) / 2;
    const nonZero = symbols.reduce((n, symbol) => n + (symbol === zero ? 0 : 1), 0);
    const latent = latentOfSymbols(model, bench.quantizer, symbols);
    const payload = bench.encode(latent);
    const encode = time(() => bench.encode(latent));
    const decode = time(() => bench.decode(payload));
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
