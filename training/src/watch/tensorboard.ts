import { createRequire } from 'node:module';
import type { Evaluation } from './evaluate.ts';
import type { Point } from './history.ts';

const require = createRequire(import.meta.url);

/** Writes a run's numbers where `tensorboard --logdir FOLDER` reads them. */
export class Board {
  private readonly writer;

  /** @param backend The package that `useNativeBackend` named. */
  constructor(backend: string, folder: string) {
    const native = require(backend) as typeof import('@tensorflow/tfjs-node');
    this.writer = native.node.summaryFileWriter(folder);
  }

  point(p: Point): void {
    const put = (name: string, value: number | null) => {
      if (value !== null) this.writer.scalar(name, value, p.step);
    };
    put('loss', p.loss);
    put('gradient norm', p.norm);
    p.bpp.forEach((value, q) => {
      put(`bpp/${q}`, value);
    });
    p.distortion.forEach((value, q) => {
      put(`distortion/${q}`, value);
    });
    put('schedule/sigma', p.sigma);
    put('quantizer/gap', p.softness?.gap ?? null);
    put('quantizer/off nearest', p.softness?.offNearest ?? null);
    put('analysis/dead units', p.softness?.dead ?? null);
    put('analysis/added to its shortcut', p.softness?.added ?? null);
    put('schedule/learning rate', p.learningRate);
    put('machine/steps a second', p.stepsPerSecond);
    put('machine/resident MiB', p.residentMiB);
    this.writer.flush();
  }

  evaluation({ step, rates }: Evaluation): void {
    for (const { quality, bpp, psnr, msssimDb } of rates) {
      this.writer.scalar(`kodak bpp/${quality}`, bpp, step);
      this.writer.scalar(`kodak PSNR/${quality}`, psnr, step);
      this.writer.scalar(`kodak MS-SSIM dB/${quality}`, msssimDb, step);
    }
    this.writer.flush();
  }
}
