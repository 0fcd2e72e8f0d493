import { parentPort, Worker } from 'node:worker_threads';
import { ShvqError, type ShvqErrorCode } from '../format/errors.js';
import { type Task, type TaskResult, TaskRunner } from './tasks.js';

/** How a task ended; errors as plain values, which travel between threads. */
export type Outcome = { result: TaskResult } | { error: TaskError };

export interface TaskError {
  /** An ShvqError's code, or the system's, as ENOENT. */
  code: string;
  message: string;
  offset?: number;
  tile?: number;
}

export interface PoolEvents {
  /** A part, 0..1, of the task at an index is done. */
  progress(index: number, fraction: number): void;
  /** May throw: the outcome then is that error. */
  finished(index: number, result: TaskResult): void;
}

type FromWorker = { fraction: number } | { outcome: Outcome };

/**
 * Runs the tasks on `jobs` worker threads, or on this thread if one is enough.
 *
 * @param script What a worker runs; it calls `serveTasks`.
 * @returns An outcome for each task, in their order; they settle in any.
 */
export function runTasks(
  tasks: readonly Task[],
  jobs: number,
  script: URL,
  events: PoolEvents,
): Promise<Outcome>[] {
  const settle: ((outcome: Outcome) => void)[] = [];
  const outcomes = tasks.map((_, i) => new Promise<Outcome>((done) => (settle[i] = done)));
  let next = 0;
  const lanes = Math.min(jobs, tasks.length);
  for (let i = 0; i < lanes; i++) {
    const lane = lanes === 1 ? new InlineLane() : new WorkerLane(script);
    void work(lane);
  }
  return outcomes;

  async function work(lane: Lane): Promise<void> {
    for (let index = next++; index < tasks.length; index = next++) {
      const at = index;
      let outcome = await lane.run(tasks[at]!, (fraction) => events.progress(at, fraction));
      if ('result' in outcome) {
        try {
          events.finished(at, outcome.result);
          // Written; thousands of them would not fit into memory.
          delete outcome.result.output;
        } catch (error) {
          outcome = { error: describeError(error) };
        }
      }
      settle[at]!(outcome);
    }
    await lane.close();
  }
}

/** A worker thread's side: answers each task with fractions and an outcome. */
export function serveTasks(): void {
  const runner = new TaskRunner();
  parentPort!.on('message', async (task: Task) => {
    const outcome = await outcomeOf(runner, task, (fraction) => send({ fraction }));
    send({ outcome });
  });

  function send(message: FromWorker): void {
    parentPort!.postMessage(message);
  }
}

interface Lane {
  run(task: Task, onProgress: (fraction: number) => void): Promise<Outcome>;
  close(): Promise<void>;
}

class InlineLane implements Lane {
  readonly #runner = new TaskRunner();

  run(task: Task, onProgress: (fraction: number) => void): Promise<Outcome> {
    return outcomeOf(this.#runner, task, onProgress);
  }

  async close(): Promise<void> {}
}

class WorkerLane implements Lane {
  readonly #script: URL;
  #worker: Worker | undefined;

  constructor(script: URL) {
    this.#script = script;
  }

  run(task: Task, onProgress: (fraction: number) => void): Promise<Outcome> {
    this.#worker ??= new Worker(this.#script);
    const worker = this.#worker;
    return new Promise((resolve) => {
      const onMessage = (message: FromWorker): void => {
        if ('fraction' in message) onProgress(message.fraction);
        else end(message.outcome);
      };
      // A worker that dies, for lack of memory for instance, takes its task with it, not the rest.
      const onError = (error: Error): void => {
        this.#worker = undefined;
        end({ error: describeError(error) });
      };
      // One by one: the worker has listeners of its own, which keep its port open.
      const end = (outcome: Outcome): void => {
        worker.off('message', onMessage);
        worker.off('error', onError);
        resolve(outcome);
      };
      worker.on('message', onMessage);
      worker.on('error', onError);
      worker.postMessage(task);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}

async function outcomeOf(
  runner: TaskRunner,
  task: Task,
  onProgress: (fraction: number) => void,
): Promise<Outcome> {
  try {
    return { result: await runner.run(task, onProgress) };
  } catch (error) {
    return { error: describeError(error) };
  }
}

/** An error as plain values. */
export function describeError(error: unknown): TaskError {
  if (error instanceof ShvqError) {
    const { code, message, offset, tile } = error;
    return {
      code: code satisfies ShvqErrorCode,
      message,
      ...(offset !== undefined && { offset }),
      ...(tile !== undefined && { tile }),
    };
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return { code: code ?? 'INTERNAL', message };
}
