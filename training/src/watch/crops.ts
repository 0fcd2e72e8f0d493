import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Picture } from '../data/images.ts';
import type { Look } from './evaluate.ts';

const SIDE = 256;

/** Name of a crop's file; the source is that of quality undefined. */
export function cropName(picture: string, quality?: number): string {
  return `${picture.replace(/\.\w+$/, '')}-${quality === undefined ? 'source' : `q${quality}`}.png`;
}

/** Collects the middles of decoded pictures, and of their sources, and writes them as PNG. */
export class Crops {
  private readonly writes: Promise<unknown>[] = [];

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  source(picture: Picture): void {
    this.write(picture, picture.data, cropName(picture.name));
  }

  readonly look: Look = (picture, quality, rgb) => {
    this.write(picture, rgb, cropName(picture.name, quality));
  };

  /** Waits for all files. */
  async done(): Promise<void> {
    await Promise.all(this.writes);
  }

  private write({ width, height }: Picture, rgb: Uint8Array, name: string): void {
    const w = Math.min(SIDE, width);
    const h = Math.min(SIDE, height);
    const [left, top] = [(width - w) >> 1, (height - h) >> 1];
    this.writes.push(
      sharp(rgb, { raw: { width, height, channels: 3 } })
        .extract({ left, top, width: w, height: h })
        .png()
        .toFile(join(this.folder, name)),
    );
  }
}
