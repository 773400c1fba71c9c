import { EpochTracker } from '../../engine/checkpoint/epochs.ts';
import { Dispatcher } from '../../engine/dispatch/dispatcher.ts';
import { compilePlan, type DispatchTopic, type PlanRules } from '../../engine/dispatch/plan.ts';
import type { EncoderOptions } from '../../engine/encode/encoder.ts';
import { BATCH_SIZE, startEncoders, type EncoderPool } from '../../engine/encode/pool.ts';
import type { RingWriter } from '../../engine/ring/writer.ts';
import type { RowSink } from '../../engine/change/row-sink.ts';
import { ROW_DECODERS } from '../../engine/row-decoders.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { now, secondsBetween } from '../measure/clock.ts';
import type { Run } from '../report/result.ts';

/** As the engine has it on two cores. */
const WORKERS = 1;
const RING_BYTES = 8 * 1024 * 1024;
const LARGE_BYTES = 1_048_576;
const EPOCH_ROWS = 4_096;
const EPOCH_MS = 20;
const KEY_BYTES_MAX = 65_536;
const TOPIC: DispatchTopic = { name: 'bench', index: 0, partitions: 4, targetBase: 0, maxMessageBytes: 1_000_000 };
/** As a changefeed has them by default. */
const RULES: PlanRules = {
  keyFormat: 'primary_key',
  placement: { by: 'key', columns: [], fallback: 'random', hash: 'murmur2' },
  keyChange: 'update',
  decoders: ROW_DECODERS,
  workers: WORKERS,
};
const THREAD = new URL('./encode-null.thread.js', import.meta.url);

/** Reads a log's bytes and calls the sink that it was opened with. */
export interface LogReader {
  /** Takes the next bytes; false when the sink has no room for all that is in them, and `proceed` is to be called. */
  feed(bytes: Uint8Array): boolean;
  proceed(): boolean;
}

/** Captured bytes of a log, as reads of a socket would give them, and what reads them. */
export interface CapturedLog {
  readonly chunks: readonly Uint8Array[];
  readonly rows: number;
  readonly open: (sink: RowSink) => LogReader;
}

/** Nothing is delivered, so nothing is ever outstanding: an epoch is done when the worker has passed it. */
function undeliveredEpochs(rings: readonly RingWriter[]): EpochTracker {
  const table = {
    words: new Int32Array(new SharedArrayBuffer(LAYOUT.TABLE_WORDS * 4)),
    base: LAYOUT.EPOCHS,
    stride: LAYOUT.EPOCH_WORDS,
    slots: LAYOUT.EPOCH_SLOTS,
    outstanding: LAYOUT.EPOCH_OUTSTANDING,
    poisoned: LAYOUT.EPOCH_POISONED,
  };
  return new EpochTracker(table, rings);
}

/** The engine's stages from the socket's bytes to the message's bytes, wired as the engine wires them. */
class NullPipeline {
  readonly #encoders: EncoderPool;
  readonly #dispatcher: Dispatcher;
  readonly #epochs: EpochTracker;
  readonly #reader: LogReader;
  #room: Promise<void> = Promise.resolve();

  constructor(encoder: EncoderOptions, open: CapturedLog['open']) {
    const encoders = startEncoders(
      {
        workers: WORKERS,
        ringBytes: RING_BYTES,
        largeBytes: LARGE_BYTES,
        batch: BATCH_SIZE,
        encoder,
        producer: 0,
        delivery: new Int32Array(0),
      },
      THREAD,
    );
    this.#encoders = encoders;
    this.#epochs = undeliveredEpochs(encoders.rings);
    this.#dispatcher = new Dispatcher({
      rings: encoders.rings,
      epochs: this.#epochs,
      units: null,
      planOf: (schema) => compilePlan(schema, schema.table, [TOPIC, TOPIC, TOPIC], RULES),
      targets: TOPIC.partitions,
      keyBytesMax: KEY_BYTES_MAX,
      wantsOrigin: false,
      takesRefused: false,
      recordBytesMax: encoders.side.size,
      windowBytesMax: 0,
      epochRows: EPOCH_ROWS,
      epochMs: EPOCH_MS,
      now: () => performance.now(),
      onBlocked: (ring, bytes) => {
        this.#room = ring.waitForRoom(bytes);
      },
      onTruncate: () => undefined,
      onError: () => undefined,
      onPlanned: () => undefined,
    });
    this.#reader = open(this.#dispatcher);
  }

  async read(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      let taken = this.#reader.feed(chunk);
      while (!taken) {
        await this.#room;
        taken = this.#reader.proceed();
      }
      this.#dispatcher.flush();
      this.#epochs.advance();
    }
  }

  /** Waits until the worker has encoded everything; returns the rows that it took and the bytes of their values. */
  async end(): Promise<{ rows: number; valueBytes: number }> {
    await this.#encoders.end();
    const counters = this.#encoders.counters();
    return {
      rows: counters.reduce((sum, { rows }) => sum + rows, 0),
      valueBytes: counters.reduce((sum, { valueBytes }) => sum + valueBytes, 0),
    };
  }
}

export interface PipelineRun extends Run {
  readonly meanValueBytes: number;
  readonly megabytesPerSecond: number;
}

/** Reads a log `repeats` times through a fresh set of stages. CPU is this process's, all threads. */
export async function runPipeline(log: CapturedLog, repeats: number, encoder: EncoderOptions): Promise<PipelineRun> {
  const pipeline = new NullPipeline(encoder, log.open);
  const cpuBefore = process.cpuUsage();
  const start = now();
  for (let repeat = 0; repeat < repeats; repeat++) await pipeline.read(log.chunks);
  const result = await pipeline.end();
  const seconds = secondsBetween(start, now());
  const cpu = process.cpuUsage(cpuBefore);
  const total = log.rows * repeats;
  if (result.rows !== total) throw new Error(`${result.rows} messages came out of ${total} rows: the run does not count`);
  return {
    value: total / seconds,
    cpuUsPerRow: (cpu.user + cpu.system) / total,
    rssBytes: process.resourceUsage().maxRSS * 1024,
    meanValueBytes: result.valueBytes / total,
    megabytesPerSecond: (bytesOf(log) * repeats) / seconds / 1e6,
  };
}

/** Of the whole log; it lies in the process's memory. */
export function bytesOf(log: CapturedLog): number {
  return log.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
