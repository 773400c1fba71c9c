/** What the dispatcher knows of each topic-partition: who encodes its rows, and how many it was given. */
export class Targets {
  /** Rows dispatched since the start, by target. */
  readonly rows: Float64Array;
  private readonly workers: Int16Array;
  private readonly workerCount: number;
  private nextWorker = 0;

  constructor(targets: number, workerCount: number) {
    this.rows = new Float64Array(targets);
    this.workers = new Int16Array(targets).fill(-1);
    this.workerCount = workerCount;
  }

  /** All messages of one topic-partition pass through one worker: a target that is seen for the first time is dealt to the next in turn. */
  workerOf(target: number): number {
    const dealt = this.workers[target]!;
    return dealt < 0 ? this.deal(target) : dealt;
  }

  private deal(target: number): number {
    const worker = this.nextWorker;
    this.nextWorker = (worker + 1) % this.workerCount;
    this.workers[target] = worker;
    return worker;
  }
}
