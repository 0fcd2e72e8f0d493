import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { encode } from 'shvq';
import { fromRecord, toSafetensors } from 'shvq/weights';

/**
 * A project as a reader of the docs has it: shvq and sharp installed, a photo as PNG, as .shv and as
 * raw bytes, a folder `photos/`, a network's weights.
 */
export async function readersFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'shvq-docs-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync(resolve('.'), join(modules, 'shvq'));
  symlinkSync(resolve('node_modules/sharp'), join(modules, 'sharp'));
  symlinkSync(resolve('dist/cli.js'), join(modules, '.bin/shvq'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');

  const photo = sharp('examples/photo/kodim23.png').resize(144);
  await photo.clone().png().toFile(join(folder, 'photo.png'));
  mkdirSync(join(folder, 'photos'));
  cpSync(join(folder, 'photo.png'), join(folder, 'photos/a.png'));
  cpSync(join(folder, 'photo.png'), join(folder, 'photos/b.png'));
  const { data, info } = await photo.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const file = await encode({ width: info.width, height: info.height, data });
  writeFileSync(join(folder, 'photo.shv'), file);
  const weights = Float32Array.from({ length: 64 * 48 }, (_, i) => Math.sin(i * i));
  const tensors = fromRecord({ 'dense.weight': { shape: [64, 48], data: weights } });
  writeFileSync(join(folder, 'network.safetensors'), toSafetensors(tensors));
  return folder;
}

/** What a block in Node may take for given: a picture of [height][width] RGB bytes. */
export const NODE_PRELUDE = `
import readerSharp from 'sharp';
{
  const { data, info } =
    await readerSharp('photo.png').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  Object.assign(globalThis, { data, width: info.width, height: info.height });
}
`;
