import type { DecoderDelivery } from '../delivery/delivery.js';
import { SHIPPED_DECODERS } from '../delivery/shipped.js';
import { ShvqError } from '../format/errors.js';
import { shortId } from '../format/model-id.js';
import type { DecoderModel } from '../model/layers.js';
import type { Bytes, DecoderSettings, EngineInfo } from '../types.js';
import { chooseEngine } from './choose.js';
import type { DecoderEngine } from './engine.js';
import { Lazy } from './lazy.js';
import { openDecoderEngine } from './open-decoder.js';
import { toDecoderModel } from './open-model.js';

/**
 * The engines of the package's own models, however they are delivered, or of a model given; each is
 * loaded when a file first needs it.
 */
export class DecoderEngines {
  readonly #given: Lazy<DecoderEngine> | undefined;
  /** By the first bytes of the models' ids. */
  readonly #shipped = new Map<string, Lazy<DecoderEngine>>();

  constructor(delivery: DecoderDelivery, { model, wasm }: DecoderSettings) {
    const choice = new Lazy(() => chooseEngine(wasm, delivery.kernels));
    const engine = (load: () => Promise<DecoderModel | Bytes>) =>
      new Lazy(async () => {
        const chosen = await choice.get();
        const model = await toDecoderModel(await load(), chosen, delivery.weightsKernels);
        return openDecoderEngine(chosen, model);
      });
    if (model !== undefined) {
      this.#given = engine(async () => model);
      return;
    }
    for (const { modelId, name } of SHIPPED_DECODERS) {
      this.#shipped.set(modelId, engine(delivery.models[name]));
    }
  }

  /** The engine for a file's model. @throws ShvqError WRONG_MODEL, naming both ids */
  async get(modelId: string): Promise<DecoderEngine> {
    if (!this.#given) {
      const shipped = this.#shipped.get(modelId);
      if (shipped) return shipped.get();
      const known = [...this.#shipped.keys()].join(', ') || 'none';
      throw new ShvqError(
        'WRONG_MODEL',
        `The file needs model ${modelId}; this version of shvq carries ${known}. A newer version ` +
          "may carry it; or give the model's .shvw: createDecoder({ model })",
      );
    }
    const engine = await this.#given.get();
    const given = shortId(engine.model.id);
    if (given === modelId) return engine;
    throw new ShvqError(
      'WRONG_MODEL',
      `The file needs model ${modelId}, and ${given} was given. Give that model, or leave \`model\` ` +
        'out for the models that shvq carries',
    );
  }

  /** Loads the engine of the model given, or of the newest one. */
  async load(): Promise<EngineInfo> {
    const first = this.#given ?? this.#shipped.values().next().value;
    if (!first) throw new ShvqError('WRONG_MODEL', 'No model is given or known');
    const { build, model } = await first.get();
    return { build, modelId: model.id, profile: model.profile };
  }
}
