import { LAYOUT } from '../native-bridge/layout.ts';
import { onDelivery } from '../native-bridge/index.ts';
import { MillraceError, type ErrorDetails } from './base/errors.ts';
import { steadyClock } from './base/steady-clock.ts';
import { positionText, rowPositionText, type Position } from './change/position.ts';
import type { ReadOrder } from './change/table-read.ts';
import type { TableSchema } from './change/table-schema.ts';
import { checkQuickly } from './check/quick.ts';
import { CheckpointBook } from './checkpoint/book.ts';
import { unboundSource } from './checkpoint/unbound.ts';
import { Checkpointer } from './checkpoint/checkpointer.ts';
import { splitSlots } from './checkpoint/epoch-slots.ts';
import type { CheckpointStore } from './checkpoint/store.ts';
import { EpochTracker } from './checkpoint/epochs.ts';
import { TableReads } from './checkpoint/table-reads.ts';
import type { Config } from './control/config/config.ts';
import type { CaptureFinished, CaptureReady, CaptureStart, CaptureStats } from './control/messages.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { KEY_BYTES_MAX } from './dispatch/key.ts';
import { BATCH_SIZE, startEncoders, type EncoderPool } from './encode/pool.ts';
import { openSource } from './open-source.ts';
import { eventsOf, openKafka, watchCredentials, watchPartitions, readyOf, type Hooks } from './opening.ts';
import { Pipeline } from './pipeline.ts';
import { planMemory, type MemoryPlan } from './produce/memory.ts';
import type { Sink } from './produce/sink.ts';
import { Routing } from './routing.ts';
import { NO_STREAM } from './source/no-stream.ts';
import type { BegunStream, OpenedSource, OpenedStream, Source, StreamedTable } from './source/source.ts';
import { countsOf, wireSnapshot, type UnitParts } from './snapshot-wiring.ts';
import { openState } from './state.ts';
import { gatherStats } from './stats.ts';
import { sendMark } from './read-marks.ts';
import { TableReadRun } from './table-read-run.ts';
import { CurrentUnits, requestOf, wireRead } from './table-read-wiring.ts';

/** One changefeed, ready to run. */
export interface Changefeed {
  /**
   * Streams until `stop`, or reads its tables to their end; rejects with what ended it. `onReady` is called when rows begin to be read.
   */
  run(onReady: (ready: CaptureReady) => void): Promise<CaptureFinished>;
  stop(): void;
  stats(): CaptureStats;
  /** Asks for a table to be read beside the stream, or no longer; without a stream there is nothing to read beside. */
  order(order: ReadOrder): void;
  close(): Promise<void>;
}

/** Keys that are noted of the stream while a table is read beside it: some eighty thousand of them for each piece of the table. */
const WINDOW_BYTES_MAX = 8 * 1024 * 1024;
/** Such a table is cut to pieces of no more than this: each is a transaction, and what is noted of the stream lasts as long. */
const CHUNK_BYTES_MAX = 32 * 1024 * 1024;
/** An epoch closes at the first commit after so many rows, or so long after its first row. */
const EPOCH_ROWS = 4096;
const EPOCH_MS = 20;
/**
 * Part of the shutdown's deadline that the drain may take; the rest is for storing and confirming what was delivered, before the supervisor
 * kills.
 */
const DRAIN_SHARE = 0.9;

/**
 * Builds every part of one changefeed from its configuration, in the order in which each needs the one before:
 * state, topic, workers, database, stream. What fails closes what was opened.
 */
export async function assembleChangefeed({ config, secrets, isRestart }: CaptureStart, hooks: Hooks): Promise<Changefeed> {
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const memory = planMemory(config.memoryBytes, config.workers, config.kafka.bufferMemoryBytes);
    const store = await openState(config, hooks);
    closers.push(() => store.close());
    const book = new CheckpointBook(store, unboundSource(config.source, 'none'));
    const sink = await openKafka(config, memory, { recorded: store.loaded?.topics ?? {}, isRestart }, hooks);
    closers.push(() => sink.close());
    const unwatch = watchPartitions(sink, hooks);
    closers.push(async () => unwatch());
    const unwatchCredentials = watchCredentials(config, sink, store, hooks);
    closers.push(async () => unwatchCredentials());
    const encoders = startEncoders({
      workers: config.workers,
      ringBytes: memory.ringBytes,
      largeBytes: memory.largeBytes,
      batch: BATCH_SIZE,
      encoder: config.format,
      producer: sink.producer,
      delivery: sink.delivery.words,
    });
    closers.push(() => encoders.terminate());
    const routing = new Routing(config, sink.topics, memory.largeBytes, hooks);
    const accept = async (tables: readonly StreamedTable[]) => {
      await routing.accept(tables);
      await checkQuickly(sink, config, isRestart, hooks);
    };
    const opened = await openSource({ config, secrets, book, accept, rowBytesMax: memory.largeBytes, hooks });
    closers.push(() => opened.close());
    // Loaded while the database was asked: the first rows meet workers that wait for them.
    await encoders.started();
    return wire(config, hooks, { memory, store, book, sink, routing, opened, encoders, closeAll });
  } catch (error) {
    await closeAll();
    throw error;
  }
}

interface Parts {
  readonly memory: MemoryPlan;
  readonly store: CheckpointStore;
  readonly book: CheckpointBook;
  readonly sink: Sink;
  readonly routing: Routing;
  readonly opened: OpenedSource;
  readonly encoders: EncoderPool;
  readonly closeAll: () => Promise<void>;
}

function wire(config: Config, hooks: Hooks, parts: Parts): Changefeed {
  const { memory, book, sink, routing, opened, encoders } = parts;
  const now = () => performance.now();
  const position = opened.stream?.position ?? null;
  book.settle({ position, source: opened.binding }, sink.topics.partitionCounts(), opened.tables);
  let truncates = 0;
  const epochs = new EpochTracker(splitSlots(sink.delivery.epochs).stream, encoders.rings);
  const onError = (error: unknown) => pipeline.abort(error);
  const tell = (message: string, details: ErrorDetails) => hooks.log('info', message, details);
  const unitParts = { config, sink, encoders, now, onError, tell };
  const snapshot = opened.snapshot === null ? null : wireSnapshot(opened.snapshot, book, unitParts);
  const units = new CurrentUnits(snapshot?.rowUnits ?? null);
  const besides = opened.stream === null ? null : streamAndReads(opened, opened.stream, hooks, memory, book, units, unitParts);
  const source = besides?.source ?? NO_STREAM;
  const dispatcher = new Dispatcher({
    rings: encoders.rings,
    epochs,
    units,
    planOf: (schema) => routing.planOf(schema),
    onError,
    onPlanned: () => pipeline.resume(),
    targets: LAYOUT.TARGET_SLOTS,
    keyBytesMax: KEY_BYTES_MAX,
    wantsOrigin: wantsOrigin(config),
    takesRefused: config.kafka.deadLetterTopic !== null,
    recordBytesMax: encoders.side.size,
    windowBytesMax: WINDOW_BYTES_MAX,
    epochRows: EPOCH_ROWS,
    epochMs: EPOCH_MS,
    now,
    onBlocked: (ring, bytes) => pipeline.waitForRoom(ring, bytes),
    onTruncate: (tables, lsnHigh, lsnLow) => {
      truncates += 1;
      tellTruncate(hooks, tables, rowPositionText(tables[0]?.logName ?? null, lsnHigh, lsnLow));
    },
  });
  const checkpointer = new Checkpointer({
    epochs,
    positionOf: ({ high, low }) => source.positionOf(high, low),
    store: (reached, rows) => {
      book.recordTopics(sink.topics.partitionCounts());
      return book.advance(reached, rows);
    },
    ack: (reached) => source.ack(reached),
    intervalMs: config.checkpointIntervalMs / 2,
    onError,
  });
  const pipeline = new Pipeline({
    snapshot: snapshot?.run ?? null,
    reads: besides?.reads ?? null,
    source,
    dispatcher,
    epochs,
    checkpointer,
    encoders,
    checkDelivery: () => sink.check((id) => routing.nameOf(id)),
    epochMs: EPOCH_MS,
    now,
  });
  onDelivery(() => pipeline.tick());
  const stats = () =>
    gatherStats({ dispatcher, epochs, encoders, sink, source, checkpointer, book, snapshot, truncates, now: now(), clock: steadyClock() });
  return { ...running(config, parts, pipeline, position), stats, order: (given) => besides?.reads?.order(given), close: parts.closeAll };
}

/** The stream, and what reads tables beside it. */
function streamAndReads(
  opened: OpenedSource,
  stream: OpenedStream,
  hooks: Hooks,
  memory: MemoryPlan,
  book: CheckpointBook,
  current: CurrentUnits,
  parts: UnitParts,
): { readonly source: Source; readonly reads: TableReadRun | null } {
  const { config } = parts;
  const reads = new TableReads(book.reads, config.bootstrapTypes);
  const join = (table: string) => run?.join(table, `join:${table}:${new Date().toISOString()}`);
  const { source, readTable } = stream.begin({
    events: eventsOf(hooks),
    rowBytesMax: memory.largeBytes,
    chunkBytes: Math.min(config.snapshot.unitBytes, CHUNK_BYTES_MAX),
    retry: config.retry,
    onJoin: config.syncMode === 'FULL + INCREMENTAL' ? join : null,
    order: (given) => run?.order(given),
  });
  const run = readTable === null ? null : readsBeside(readTable, reads, hooks, book, current, parts);
  opened.joining.filter((table) => !reads.isJoining(table)).forEach(join);
  return { source, reads: run };
}

/** What reads tables beside the stream, one after the other. */
function readsBeside(
  readTable: NonNullable<BegunStream['readTable']>,
  reads: TableReads,
  hooks: Hooks,
  book: CheckpointBook,
  current: CurrentUnits,
  parts: UnitParts,
): TableReadRun {
  const { config, now, onError, tell } = parts;
  const store = () => book.storeReads(reads.all, run.rowsDelivered);
  const run = new TableReadRun({
    reads,
    open: (read) => readTable({ ...requestOf(read), moved: () => reads.movedOf(read.id) }),
    sendMark: (to, mark) => sendMark(to, mark, { ...parts, current }),
    wire: (read, id) => wireRead(read, id, { ...parts, reads, current, store }),
    store,
    note: () => book.planReads(reads.all),
    onJoined: (record) => book.addToSnapshot(record),
    retry: config.retry,
    now,
    tell,
    warn: (code, message, details) => hooks.warn(code, message, details),
    onError,
  });
  return run;
}

/** How a changefeed is started and stopped. */
function running(
  config: Config,
  { store, book, sink, opened }: Parts,
  pipeline: Pipeline,
  from: Position | null,
): Pick<Changefeed, 'run' | 'stop'> {
  let draining = Promise.resolve(true);
  return {
    async run(onReady) {
      const ended = pipeline.run(from);
      void store.lost.then(({ why }) => {
        pipeline.abortFor(why);
        sink.abandon();
      });
      onReady(readyOf(sink, opened));
      await ended;
      if (!(await draining)) throw shutdownTimeout(config.shutdownTimeoutMs);
      return {
        position: book.position === null ? null : positionText(book.position),
        snapshot: book.snapshot === null ? null : countsOf(book.snapshot),
      };
    },
    stop() {
      draining = pipeline.stop(config.shutdownTimeoutMs * DRAIN_SHARE);
      draining.catch((error: unknown) => pipeline.abort(error));
    },
  };
}

/** Whether messages or partitions depend on who made a transaction. */
function wantsOrigin({ format, kafka: { placement } }: Config): boolean {
  const isSaid = format.format === 'maxwell' && (format.gtid || format.serverId === 'origin' || format.threadId === 'origin');
  return isSaid || [placement.by, placement.fallback].includes('thread_id');
}

/** A format without a message for it must not leave it unseen. */
function tellTruncate(hooks: Hooks, truncated: readonly TableSchema[], place: string): void {
  const tables = truncated.map(({ schema, table }) => `${schema}.${table}`).join(', ');
  hooks.log('info', `TRUNCATE of ${tables}: the format has no message for it`, { tables, lsn: place });
}

function shutdownTimeout(deadlineMs: number): MillraceError {
  const message = `not everything was delivered and stored within ${deadlineMs / 1000} s of the stop; the next start sends it again`;
  return new MillraceError('SHUTDOWN_TIMEOUT', message);
}
