import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { ImageSet, Picture } from '../data/images.ts';
import { exportModel } from '../export/model.ts';
import type { Layout } from '../model/parameters.ts';
import { writeAtomically } from '../state/checkpoint.ts';
import { Crops } from './crops.ts';
import { type Evaluation, evaluateModel, trainedQualities } from './evaluate.ts';
import { History, type Point } from './history.ts';
import { pageOf } from './page.ts';
import { Board } from './tensorboard.ts';

/** What a run leaves in its folder for whoever watches it. */
export class Watch {
  readonly points: History<Point>;
  readonly evaluations: History<Evaluation>;
  private readonly board: Board;

  /**
   * @param folder The run's folder: history.jsonl, evaluations.jsonl, index.html, crops/ and
   *   tensorboard/ lie there.
   * @param step The step that the run goes on from.
   * @param pictures What is encoded and decoded now and then; none: nothing is.
   */
  constructor(
    private readonly config: Config,
    private readonly layout: Layout,
    private readonly folder: string,
    step: number,
    backend: string,
    private readonly pictures: Picture[],
  ) {
    this.points = new History(join(folder, 'history.jsonl'), step);
    this.evaluations = new History(join(folder, 'evaluations.jsonl'), step);
    this.board = new Board(backend, join(folder, 'tensorboard'));
  }

  add(point: Point): void {
    this.points.add(point);
    this.board.point(point);
  }

  /** Seconds of training that all points together stand for. */
  get seconds(): number {
    return this.points.points.reduce((sum, p) => sum + p.seconds, 0);
  }

  /** Writes index.html. */
  draw(): void {
    const names = this.pictures.map((p) => p.name);
    const { points } = this.points;
    const page = pageOf(this.config, points, this.evaluations.points, names);
    writeAtomically(join(this.folder, 'index.html'), [Buffer.from(page)]);
  }

  /** Exports averaged weights in memory and measures them with the SDK at every training rate. */
  async evaluate(
    step: number,
    averaged: Float32Array,
    images: ImageSet,
  ): Promise<Evaluation | undefined> {
    if (this.pictures.length === 0) return undefined;
    const startedAt = Date.now();
    const model = exportModel(this.config, this.layout, averaged, images);
    const crops = new Crops(join(this.folder, 'crops'));
    for (const picture of this.pictures) crops.source(picture);
    const qualities = trainedQualities(this.config.structure.rates);
    const rates = await evaluateModel(model, this.pictures, qualities, { look: crops.look });
    await crops.done();
    const seconds = (Date.now() - startedAt) / 1000;
    const evaluation = { step, pictures: this.pictures.length, seconds, rates };
    this.evaluations.add(evaluation);
    this.board.evaluation(evaluation);
    this.draw();
    return evaluation;
  }
}
