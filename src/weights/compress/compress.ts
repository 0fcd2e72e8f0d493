import { ShvqError } from '../../format/errors.js';
import { writeWeights } from '../format/write.js';
import { checkTensors } from '../plan/tensor.js';
import type { StoredTensor, Tensor, WeightsFile } from '../types.js';
import { exp2, log2 } from './math.js';
import { type CompressOptions, targetBytes } from './options.js';
import { quantizeLayers, type Stored } from './pass.js';
import { planLayers } from './plan.js';
import { PriceSearch } from './price.js';
import { chooseProducts } from './products/choose.js';
import { PRICE_MOST, SizeCurve } from './size-curve.js';
import { storeOther } from './store.js';

/** A compressed network. */
export interface Compressed {
  /** The `.shvw` file. */
  readonly file: Uint8Array;
  /** What is in it. */
  readonly content: WeightsFile;
  /** Bytes of the tensors given over bytes of the file. */
  readonly ratio: number;
}

/** A file this little smaller than asked for is near enough: another pass is not worth its time. */
const NEAR = 0.99;
/**
 * Passes over the network, at most, and twice as many as long as no file fits; each costs what re-fitting
 * costs.
 */
const PASSES = 4;
const PASSES_WITHOUT_INPUTS = 10;

/**
 * Compresses a network's weights to a size, after training, without labels.
 *
 * Every tensor gets centers of its own, learned by soft-to-hard annealing; the weights are assigned
 * to them by error and rate under one price of a bit for the whole network, which is searched for.
 * With `forward`, errors count by what they do to each layer's outputs on the caller's inputs.
 * Tensors of integers and of other floating-point types are kept as they are. The same input gives
 * the same file.
 *
 * @throws ShvqError BAD_INPUT for a broken tensor or a size out of reach, ABORTED where the signal fires
 */
export async function compressWeights(
  tensors: readonly Tensor[],
  options: CompressOptions,
): Promise<Compressed> {
  checkTensors(tensors);
  const original = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
  const target = targetBytes(options, original);
  const products = await chooseProducts(options.wasm);
  const plan = await planLayers(tensors, options, products);
  const passes = options.forward ? PASSES : PASSES_WITHOUT_INPUTS;
  const steps = (passes + 1) * Math.max(1, plan.layers.size);
  let done = plan.layers.size;
  const onLayer = (): void => options.onProgress?.(Math.min(1, ++done / steps));

  // In place of the price, the bits that the curve foretells for it: nearly in proportion to the
  // file's size, so that two or three passes do.
  const curve = new SizeCurve(plan);
  const wanted = log2((target * (1 + NEAR)) / 2);
  const search = new PriceSearch(-log2(8 * target), -1, -1.25);
  let best: Compressed | undefined;
  let smallest = Infinity;
  for (let pass = 0; pass < (best ? passes : 2 * passes); pass++) {
    const price = curve.priceOf(exp2(-search.price));
    const stored = await quantizeLayers(plan, price, options, products, onLayer);
    const content = contentOf(tensors, stored, options.metadata ?? '');
    const file = writeWeights(content);
    smallest = Math.min(smallest, file.length);
    if (file.length <= target && file.length > (best?.file.length ?? 0)) {
      best = { file, content, ratio: original / file.length };
      if (file.length >= NEAR * target) break;
    }
    if (price === PRICE_MOST || !search.next(log2(file.length), wanted)) break;
  }
  if (!best) {
    throw new ShvqError(
      'BAD_INPUT',
      `No file of ${Math.floor(target)} bytes: ${smallest} is the least`,
    );
  }
  options.onProgress?.(1);
  return best;
}

/** All tensors in their order: those quantized, others rounded or as they were. */
function contentOf(tensors: readonly Tensor[], stored: Stored, metadata: string): WeightsFile {
  const content = tensors.map((tensor): StoredTensor => {
    const found = stored.get(tensor.name);
    if (found) return found;
    if (tensor.dtype !== 'float32') return { ...tensor, mode: 'lossless' };
    return storeOther(tensor.name, tensor.shape, Float32Array.from(tensor.data as Float32Array));
  });
  return { metadata, tensors: content };
}
