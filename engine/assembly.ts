import { LAYOUT } from '../native-bridge/layout.ts';
import { librdkafkaVersion, onDelivery } from '../native-bridge/index.ts';
import { MillraceError, type ErrorDetails } from './base/errors.ts';
import { steadyClock } from './base/steady-clock.ts';
import { positionText, type Position } from './change/position.ts';
import type { TableSchema } from './change/table-schema.ts';
import { checkQuickly } from './check/quick.ts';
import { CheckpointBook } from './checkpoint/book.ts';
import { unboundSource } from './checkpoint/unbound.ts';
import { Checkpointer } from './checkpoint/checkpointer.ts';
import type { CheckpointStore } from './checkpoint/store.ts';
import { EpochTracker } from './checkpoint/epochs.ts';
import type { Config } from './control/config/config.ts';
import type { CaptureFinished, CaptureReady, CaptureStart, CaptureStats } from './control/messages.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { KEY_BYTES_MAX } from './dispatch/key.ts';
import { BATCH_SIZE, startEncoders, type EncoderPool } from './encode/pool.ts';
import { eventsOf, openDatabase, openKafka, watchCredentials, watchPartitions, type Hooks } from './opening.ts';
import { Pipeline } from './pipeline.ts';
import { planMemory, type MemoryPlan } from './produce/memory.ts';
import type { Sink } from './produce/sink.ts';
import { Routing } from './routing.ts';
import { NO_STREAM } from './source/no-stream.ts';
import { sourceOver, type OpenedPostgres, type OpenHooks } from './source/postgres/open.ts';
import { countsOf, wireSnapshot } from './snapshot-wiring.ts';
import { openState } from './state.ts';
import { gatherStats } from './stats.ts';

/** One changefeed, ready to run. */
export interface Changefeed {
  /**
   * Streams until `stop`, or reads its tables to their end; rejects with what ended it. `onReady` is called when rows begin to be read.
   */
  run(onReady: (ready: CaptureReady) => void): Promise<CaptureFinished>;
  stop(): void;
  stats(): CaptureStats;
  close(): Promise<void>;
}

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
    const book = new CheckpointBook(store, unboundSource(config.source.slot, config.source.publication, 'none'));
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
    const accept: OpenHooks['accept'] = async (database, tables) => {
      await routing.accept(database, tables);
      await checkQuickly(sink, config, isRestart, hooks);
    };
    const opened = await openDatabase(config, secrets, book, accept, memory.largeBytes, hooks);
    closers.push(() => opened.side.close());
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
  readonly opened: OpenedPostgres;
  readonly encoders: EncoderPool;
  readonly closeAll: () => Promise<void>;
}

function wire(config: Config, hooks: Hooks, parts: Parts): Changefeed {
  const { memory, book, sink, routing, opened, encoders } = parts;
  const now = () => performance.now();
  const position = opened.stream?.position ?? null;
  book.settle(
    { position, source: opened.binding },
    sink.topics.partitionCounts(),
    opened.tables.map(({ relation }) => `${relation.schema}.${relation.table}`),
  );
  let truncates = 0;
  const epochs = new EpochTracker(sink.delivery.epochs, encoders.rings);
  const onError = (error: unknown) => pipeline.abort(error);
  const tell = (message: string, details: ErrorDetails) => hooks.log('info', message, details);
  const snapshot = opened.snapshot === null ? null : wireSnapshot(opened.snapshot, { config, book, sink, encoders, now, onError, tell });
  const source =
    opened.stream === null
      ? NO_STREAM
      : sourceOver(opened, opened.stream, eventsOf(hooks), { frameBytesMax: memory.largeBytes, retry: config.retry });
  const dispatcher = new Dispatcher({
    rings: encoders.rings,
    epochs,
    units: snapshot?.rowUnits ?? null,
    planOf: (schema) => routing.planOf(schema),
    onError,
    onPlanned: () => pipeline.resume(),
    targets: LAYOUT.TARGET_SLOTS,
    keyBytesMax: KEY_BYTES_MAX,
    takesRefused: config.kafka.deadLetterTopic !== null,
    recordBytesMax: encoders.side.size,
    epochRows: EPOCH_ROWS,
    epochMs: EPOCH_MS,
    now,
    onBlocked: (ring, bytes) => pipeline.waitForRoom(ring, bytes),
    onTruncate: (tables, lsnHigh, lsnLow) => {
      truncates += 1;
      tellTruncate(hooks, tables, positionText(source.positionOf(lsnHigh, lsnLow)));
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
  return { ...running(config, parts, pipeline, position), stats, close: parts.closeAll };
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
      return { position: book.position === null ? null : positionText(book.position), snapshot: countsOf(book.snapshot) };
    },
    stop() {
      draining = pipeline.stop(config.shutdownTimeoutMs * DRAIN_SHARE);
      draining.catch((error: unknown) => pipeline.abort(error));
    },
  };
}

/** A format without a message for it must not leave it unseen. */
function tellTruncate(hooks: Hooks, truncated: readonly TableSchema[], lsn: string): void {
  const tables = truncated.map(({ schema, table }) => `${schema}.${table}`).join(', ');
  hooks.log('info', `TRUNCATE of ${tables}: the format has no message for it`, { tables, lsn });
}

function shutdownTimeout(deadlineMs: number): MillraceError {
  const message = `not everything was delivered and stored within ${deadlineMs / 1000} s of the stop; the next start sends it again`;
  return new MillraceError('SHUTDOWN_TIMEOUT', message);
}

function readyOf(sink: Sink, opened: OpenedPostgres): CaptureReady {
  const { side, stream } = opened;
  return {
    position: stream === null ? null : positionText(stream.position),
    slotCreated: stream?.isNew ?? false,
    sourceInstance: `${side.server.host}:${side.server.port}/${opened.settings.database}`,
    sourceVersion: opened.version,
    kafkaCluster: sink.topics.clusterId,
    librdkafkaVersion: librdkafkaVersion(),
    tables: opened.tables.length,
  };
}
