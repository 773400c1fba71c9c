import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { MillraceError, toErrorRecord } from '../base/errors.ts';
import { type RingCounters, readCounters } from '../ring/counters.ts';
import { failRing, ringFailure } from '../ring/failure.ts';
import { RingState, allocateRing } from '../ring/layout.ts';
import { SideArea } from '../ring/side.ts';
import { RingWriter } from '../ring/writer.ts';
import type { BatchSize } from './batch.ts';
import type { EncoderOptions } from './encoder.ts';
import { allocateLarge } from './large.ts';
import { LetterCounts } from './letter-counts.ts';
import type { EncodeWorkerData } from './worker-data.ts';

export interface EncoderPoolOptions {
  /** Threads, each with a ring of its own. */
  readonly workers: number;
  /** Bytes of each ring, a power of two. */
  readonly ringBytes: number;
  /** Largest row record, and largest key plus value of a message, in bytes. The pool sets that much memory aside for each of the two. */
  readonly largeBytes: number;
  readonly batch: BatchSize;
  readonly encoder: EncoderOptions;
  /** Handle of the producer that the messages go to. */
  readonly producer: number;
  /** That producer's delivery table, in shared memory. */
  readonly delivery: Int32Array;
}

/** What a batch holds unless told otherwise; measured in docs/decisions/0012. */
export const BATCH_SIZE: BatchSize = { slabBytes: 512 * 1024, messages: 2048 };

/** Heap of a worker beyond which it ends with an error instead of taking the process with it. It holds schemas, not rows. */
const HEAP_MEGABYTES_MAX = 128;
/** How long `terminate` lets threads leave by themselves: several waits of theirs. */
const LEAVE_MS = 1000;

const ENTRY = new URL('./encode.thread.js', import.meta.url);

/** The encoder workers of one changefeed and the rings to them. */
export class EncoderPool {
  readonly rings: readonly RingWriter[];
  /** Large records on their way to the workers. */
  readonly side: SideArea;
  readonly letterCounts = new LetterCounts();
  /** Rejects with its error as soon as a worker dies, whatever of; never resolves. Nobody has to listen. */
  readonly failed: Promise<never>;

  private readonly threads: readonly Worker[];
  private readonly starts: readonly Promise<void>[];
  private readonly exits: readonly Promise<void>[];
  private reject: (reason: MillraceError) => void = () => {};

  /** @param entry the threads' script; another than the encoder's only in tests of the pool itself */
  constructor(options: EncoderPoolOptions, entry: URL) {
    this.failed = new Promise<never>((_, reject) => {
      this.reject = reject;
    });
    this.failed.catch(() => undefined);
    this.side = new SideArea(options.largeBytes);
    const large = allocateLarge(options.largeBytes);
    this.rings = Array.from(
      { length: options.workers },
      () => new RingWriter(allocateRing(options.ringBytes, this.side.memory), this.side),
    );
    this.threads = this.rings.map((ring) => {
      const { batch, encoder, producer, delivery } = options;
      const workerData: EncodeWorkerData = {
        ring: ring.memory,
        large,
        batch,
        encoder,
        producer,
        delivery,
        letterCounts: this.letterCounts.memory,
      };
      return new Worker(entry, { workerData, resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX } });
    });
    this.starts = this.threads.map((thread) => new Promise((resolve) => void thread.once('message', () => resolve())));
    this.exits = this.threads.map((thread, index) => this.watch(thread, index));
  }

  /** What each worker has done so far, in the order of `rings`. */
  counters(): RingCounters[] {
    return this.rings.map((ring) => readCounters(ring.memory));
  }

  /** Resolves when every worker has loaded its code and waits for rows; rejects as `failed` does. */
  async started(): Promise<void> {
    await Promise.race([Promise.all(this.starts), this.failed]);
  }

  /** No rows come any more: resolves when every worker has handed over all that was published and has exited; rejects as `failed` does. */
  async end(): Promise<void> {
    for (const ring of this.rings) ring.finish();
    await Promise.race([Promise.all(this.exits), this.failed]);
    for (const ring of this.rings) {
      const failure = ringFailure(ring.memory);
      if (failure !== null) throw failure;
    }
  }

  /** Ends the workers without handing over what is left in the rings. Whoever waits for room is rejected with STOPPED. */
  async terminate(): Promise<void> {
    for (const ring of this.rings) ring.stop();
    const late = new AbortController();
    const timeout = delay(LEAVE_MS, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.exits), timeout]);
    late.abort();
    for (const thread of this.threads) void thread.terminate();
    await Promise.all(this.exits);
  }

  /** Resolves when the thread is gone. Until then every way in which it can die ends in `failed`. */
  private watch(thread: Worker, index: number): Promise<void> {
    const who = `encoder worker ${index + 1} of ${this.rings.length}`;
    // What a thread cannot report itself: out of memory, a script that does not load.
    thread.on('error', (error: Error) => this.died(index, `${who} died: ${error.message}`, error));
    return new Promise((resolve) => {
      thread.on('exit', (code) => {
        if (!this.mayExit(index)) this.died(index, `${who} ended by itself with exit code ${code}`, undefined);
        resolve();
      });
    });
  }

  private mayExit(index: number): boolean {
    const ring = this.rings[index]!;
    return ring.state === RingState.stopped || (ring.state === RingState.ended && ring.drained);
  }

  private died(index: number, message: string, cause: unknown): void {
    const { memory } = this.rings[index]!;
    // Keeps the error that the thread itself left there, if it did.
    failRing(memory, toErrorRecord(new MillraceError('ENCODER_DIED', message, { worker: index }, { cause })));
    this.reject(ringFailure(memory)!);
  }
}

/** Starts the workers. Nobody need wait for `started`: the rings take rows at once, and a worker that does not start is one that died. */
export function startEncoders(options: EncoderPoolOptions, entry: URL = ENTRY): EncoderPool {
  return new EncoderPool(options, entry);
}
