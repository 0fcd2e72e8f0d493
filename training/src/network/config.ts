import { readFileSync } from 'node:fs';

/** A run that compresses a network while it is trained. Schedules count steps. */
export interface CompressConfig {
  /** Name of the run's folder and of its results. */
  name: string;
  network: 'resnet32';
  /** Bytes of the float network over bytes of the file. */
  ratio: number;
  seed: number;
  /** Unlabelled pictures that the start, a network compressed after training, is fitted to. */
  startPictures: number;
  steps: number;
  batch: number;
  /** In distances between centers, for weights. */
  learningRate: number;
  warmupSteps: number;
  /** Share of the run, at its end, that trains centers and normalizations at hard assignments. */
  refitShare: number;
  refitLearningRate: number;
  sigmaStart: number;
  sigmaEnd: number;
  /** Temperature at which the float network's probabilities are what the quantized one is to give. */
  temperature: number;
  /** Loss of a relative squared error of the blocks' outputs, on average over the blocks. */
  features: number;
  /** Loss of a bit per weight, to begin with. */
  price: number;
  /** Largest norm of the gradient. */
  clip: number;
  /** Steps between two files, whose size steers the price. */
  measureEvery: number;
  /** Steps between two evaluations on `testPictures` pictures. */
  testEvery: number;
  testPictures: number;
}

/** Entries that the command line may replace, as it has them. */
type Changes = { [key in 'name' | 'seed' | 'ratio' | 'steps']: string | undefined };

/** Reads a configuration. @throws Error where a number makes no sense. */
export function loadCompressConfig(path: string, changes?: Changes): CompressConfig {
  const config = JSON.parse(readFileSync(path, 'utf8')) as CompressConfig;
  for (const key of ['seed', 'ratio', 'steps'] as const) {
    if (changes?.[key] !== undefined) config[key] = Number(changes[key]);
  }
  config.name = changes?.name ?? config.name;
  const fail = (reason: string): never => {
    throw new Error(`${path}: ${reason}`);
  };
  if (config.network !== 'resnet32') fail(`there is no network ${config.network}`);
  if (!(config.ratio > 1)) fail('ratio must be above 1');
  if (!(config.steps > 0 && config.batch > 0)) fail('steps and batch must be positive');
  if (!(config.temperature > 0)) fail('temperature must be positive');
  if (!(config.features >= 0)) fail('features must not be negative');
  if (!(config.refitShare >= 0 && config.refitShare < 1)) fail('refitShare must be in 0..1');
  if (!(config.sigmaStart > 0 && config.sigmaEnd >= config.sigmaStart)) fail('sigma must grow');
  return config;
}
