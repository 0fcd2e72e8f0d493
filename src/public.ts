/** What every entry point for pictures exports beside its functions. */
export { ShvqError, type ShvqErrorCode, type ShvqErrorPlace } from './format/errors.js';
export type { EngineBuild, Rect } from './runtime/engine.js';
export type * from './types.js';
