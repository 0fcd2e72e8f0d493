import { shortId } from '../../src/format/model-id.js';
import type { Rect } from '../../src/runtime/engine.js';
import type { EncodeOptions, Encoder, ImageLike } from '../../src/types.js';

/** A model to make cases with. */
export interface CaseModel {
  readonly profile: string;
  /** Of the decoder model, 64 hex digits. */
  readonly id: string;
  readonly encoder: Encoder;
}

/** How a case is made: what goes into its folder, but for what is expected. */
export interface Recipe {
  /** The folder: profile, id of the model where it is a shipped one, what it is. */
  readonly name: string;
  readonly about: string;
  /** Weights have none. */
  readonly model?: CaseModel;
  readonly call: 'decode' | 'decodeRows' | 'encode' | 'decodeWeights';
  readonly options?: CaseOptions;
  /** @returns The case's files by name; the input is the one whose name begins with `input.`. */
  make(): Promise<Record<string, Uint8Array>>;
}

/** What case.json says of a call's options; metadata blocks are names of files. */
export type CaseOptions = Partial<{
  quality: number;
  targetBytes: number;
  effort: number;
  tileLog2: number;
  colorSpace: string;
  icc: string;
  exif: string;
  xmp: string;
  region: Rect;
  scale: number;
  partial: boolean;
  limits: { maxPixels?: number; maxBytes?: number; maxMemory?: number };
}>;

/** A case that decodes what our encoder makes of a picture. */
export function decoding(
  model: CaseModel,
  name: string,
  about: string,
  picture: () => ImageLike | Promise<ImageLike>,
  encode: EncodeOptions,
  options?: CaseOptions,
): Recipe {
  return {
    name: `${folderOf(model)}-${name}`,
    about,
    model,
    call: 'decode',
    ...(options && { options }),
    make: async () => ({ 'input.shv': await model.encoder.encode(await picture(), encode) }),
  };
}

/** The named cases, but row by row from a stream. @throws for a name that is none of theirs */
export function rowByRow(recipes: readonly Recipe[], ...names: string[]): Recipe[] {
  return names.map((name) => {
    const recipe = recipes.find((known) => known.name === name);
    if (!recipe) throw new Error(`No case ${name}`);
    return { ...recipe, call: 'decodeRows', name: `${name}-rows` };
  });
}

/** A case that encodes a picture. */
export function encoding(
  model: CaseModel,
  name: string,
  about: string,
  picture: () => ImageLike | Promise<ImageLike>,
  options: CaseOptions,
  files: Record<string, Uint8Array> = {},
): Recipe {
  return {
    name: `${folderOf(model)}-encode-${name}`,
    about,
    model,
    call: 'encode',
    options,
    make: async () => ({ 'input.pam': writePam(await picture()), ...files }),
  };
}

/** Profiles of models that never change: names of their cases do not say which model it is. */
const FROZEN = ['test', 'paper-test', 'synthetic'];

/** Shipped models follow each other under one profile's name, so the id tells them apart. */
export function folderOf({ id, profile }: CaseModel): string {
  return FROZEN.includes(profile) ? profile : `${profile}-${shortId(id)}`;
}

/** A Portable Arbitrary Map (netpbm's P7): RGB or RGBA bytes after a header of text. */
function writePam({ data, height, width }: ImageLike): Uint8Array {
  const depth = data.length / width / height;
  const type = depth === 4 ? 'RGB_ALPHA' : 'RGB';
  const fields = `WIDTH ${width}\nHEIGHT ${height}\nDEPTH ${depth}\nMAXVAL 255\nTUPLTYPE ${type}`;
  const head = new TextEncoder().encode(`P7\n${fields}\nENDHDR\n`);
  const file = new Uint8Array(head.length + data.length);
  file.set(head);
  file.set(data, head.length);
  return file;
}
