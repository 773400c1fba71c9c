import { setTimeout as delay } from 'node:timers/promises';
import type { Position } from './change/position.ts';
import type { Checkpointer } from './checkpoint/checkpointer.ts';
import type { EpochTracker } from './checkpoint/epochs.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { EncoderPool } from './encode/pool.ts';
import type { RingWriter } from './ring/writer.ts';
import type { SnapshotRun } from './snapshot-run.ts';
import type { Source } from './source/source.ts';
import type { TableReadRun } from './table-read-run.ts';

/**
 * One changefeed's stages, wired. Read this first:
 *
 *   snapshot ──┐  units: each an epoch of its own, all stored before the stream begins
 *   reads ─────┤  units, too, of tables that are read beside the stream
 *   source ────┴► dispatcher ──► ring[w] ──► encoder worker ──► native-bridge ──► Kafka
 *     ▲             │ epochs: which rows belong together            │
 *     └── ack ◄── checkpointer ◄── contiguous delivered prefix ◄────┘ delivery table
 *
 * The pipeline itself only keeps the clock: it closes epochs in time, advances the delivered prefix, lets the source go on when a ring has
 * room again, and ends everything in order.
 */
export interface PipelineParts {
  /** What is read before the stream; null when nothing is. */
  readonly snapshot: SnapshotRun | null;
  /** What is read beside the stream; null without one. */
  readonly reads: TableReadRun | null;
  readonly source: Source;
  readonly dispatcher: Dispatcher;
  readonly epochs: EpochTracker;
  readonly checkpointer: Checkpointer;
  readonly encoders: EncoderPool;
  /** Throws the error of the first failed delivery when there is one. */
  readonly checkDelivery: () => void;
  /** An epoch closes at the latest so many milliseconds after its first row, once its transaction is whole. */
  readonly epochMs: number;
  readonly now: () => number;
}

/** How often the clock ticks while rows are under way. Deliveries tick too. */
const TICK_MS = 20;
/** While none are: what a first row then waits for is its checkpoint, not its delivery, and a machine with nothing to do sleeps. */
const IDLE_TICK_MS = 100;

export class Pipeline {
  private readonly parts: PipelineParts;
  private fail: (error: unknown) => void = () => {};
  private isStopping = false;
  private clock: NodeJS.Timeout | undefined = undefined;

  constructor(parts: PipelineParts) {
    this.parts = parts;
  }

  /**
   * Reads the snapshot, then streams from after `from`; null when no stream follows. Resolves when everything is drained; rejects with what
   * ended it.
   */
  async run(from: Position | null): Promise<void> {
    const failed = new Promise<never>((_, reject) => {
      this.fail = reject;
    });
    // What the producer refuses follows most often from a message that failed, whose report comes a moment later and says more.
    this.parts.encoders.failed.catch((error: unknown) => setTimeout(() => this.fail(error), 2 * TICK_MS));
    this.startClock();
    try {
      await Promise.race([this.runStages(from), failed]);
    } finally {
      clearTimeout(this.clock);
    }
  }

  private startClock(): void {
    const { snapshot, reads, epochs } = this.parts;
    const isIdle = epochs.drained && snapshot?.isRunning !== true && reads?.isRunning !== true;
    this.clock = setTimeout(
      () => {
        this.tick();
        this.startClock();
      },
      isIdle ? IDLE_TICK_MS : TICK_MS,
    );
  }

  private async runStages(from: Position | null): Promise<void> {
    const { snapshot, reads, source, dispatcher } = this.parts;
    if (snapshot !== null) await snapshot.run(dispatcher);
    if (from === null || this.isStopping) return;
    reads?.watch(dispatcher);
    const streaming = source.stream(from, dispatcher);
    reads?.run(dispatcher).catch((error: unknown) => this.fail(error));
    await streaming;
  }

  /** Ends the changefeed from outside, with the error that `run` rejects with. */
  abort(error: unknown): void {
    this.fail(error);
  }

  /** As `abort`, for a reason that is still being found out: what fails meanwhile follows from it. */
  abortFor(why: Promise<unknown>): void {
    const { fail } = this;
    this.fail = () => {};
    void why.then(fail);
  }

  /**
   * Reads to the end of the open transaction, waits until all that was read is delivered and stored, confirms it and ends the stream: the
   * next start then sends nothing twice. When that transaction takes too long, its rows are left out of the checkpoint and sent again.
   * A snapshot is left at once: units that are not whole are read again by the next start.
   * @returns false when the deadline passed first; what was delivered by then is stored and confirmed all the same
   */
  async stop(deadlineMs: number): Promise<boolean> {
    const { snapshot, reads, source, dispatcher, epochs, checkpointer, now } = this.parts;
    const begin = now();
    this.isStopping = true;
    if (snapshot?.isRunning === true) return await snapshot.stop(begin + deadlineMs);
    await reads?.stop(begin + deadlineMs / 2);
    source.halt(false);
    await this.until(() => source.hasHalted, begin + deadlineMs / 2);
    source.halt(true);
    dispatcher.flush();
    epochs.close(now());
    await this.until(() => epochs.openEpochs === 0, begin + deadlineMs);
    await checkpointer.flush(now());
    await source.stop();
    return epochs.openEpochs === 0;
  }

  private async until(condition: () => boolean, deadline: number): Promise<void> {
    while (!condition() && this.parts.now() < deadline) await delay(TICK_MS);
  }

  /** What a row was refused for is over: whoever gives rows goes on. */
  resume(): void {
    this.parts.source.resume();
    this.parts.snapshot?.resume();
    this.parts.reads?.resume();
  }

  /** Waits for room in a ring, then lets the source repeat the row that was refused. */
  waitForRoom(ring: RingWriter, bytes: number): void {
    ring.waitForRoom(bytes).then(
      () => this.resume(),
      (error: unknown) => this.fail(error),
    );
  }

  /** One turn of the clock; also called when deliveries were reported. */
  tick(): void {
    const { snapshot, reads, epochs, checkpointer, checkDelivery, epochMs, now } = this.parts;
    try {
      checkDelivery();
      snapshot?.tick();
      reads?.tick();
      if (epochs.age(now()) >= epochMs || epochs.hasIdleProgress) epochs.close(now());
      checkpointer.tick(now());
    } catch (error) {
      this.fail(error);
    }
  }
}
