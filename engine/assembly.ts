import { librdkafkaVersion, lockFile, MESSAGE_OVERHEAD_BYTES, onDelivery, type NativeEvent } from '../native-bridge/index.ts';
import { MillraceError, type ErrorDetails } from './base/errors.ts';
import { CheckpointBook } from './checkpoint/book.ts';
import { Checkpointer } from './checkpoint/checkpointer.ts';
import { EpochTracker } from './checkpoint/epochs.ts';
import { openFileStore } from './checkpoint/file-store.ts';
import type { CheckpointStore } from './checkpoint/store.ts';
import type { Config, LogLevel } from './control/config/config.ts';
import type { CaptureReady, CaptureStats } from './control/messages.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { assertDistinctNames, tableName } from './dispatch/naming.ts';
import { compilePlan } from './dispatch/plan.ts';
import { BATCH_SIZE, startEncoders, type EncoderPool } from './encode/pool.ts';
import { Pipeline } from './pipeline.ts';
import { planMemory, type MemoryPlan } from './produce/memory.ts';
import { openSink, type Sink } from './produce/sink.ts';
import type { Source, SourceEvents } from './source/source.ts';
import { openPostgres, sourceOver, type OpenedPostgres } from './source/postgres/open.ts';
import { gatherStats } from './stats.ts';

/** Where a changefeed says what happens beside its rows. */
export interface Hooks {
  log(level: LogLevel, message: string, details?: ErrorDetails): void;
  warn(code: string, message: string, details?: ErrorDetails): void;
}

/** One changefeed, ready to run. */
export interface Changefeed {
  /** Streams until `stop`, then resolves with the stored position; rejects with what ended it. `onReady` is called when the stream begins. */
  run(onReady: (ready: CaptureReady) => void): Promise<string | null>;
  stop(): void;
  stats(): CaptureStats;
  close(): Promise<void>;
}

/** An epoch closes at the first commit after so many rows, or so long after its first row. */
const EPOCH_ROWS = 4096;
const EPOCH_MS = 20;
/** Part of the shutdown's deadline that the drain may take; the rest is for storing and confirming what was delivered, before the supervisor kills. */
const DRAIN_SHARE = 0.9;
/** Longest key in bytes; a row with a longer one is a named error. */
const KEY_BYTES_MAX = 64 * 1024;

/**
 * Builds every part of one changefeed from its configuration, in the order in which each needs the one before:
 * state, database, topic, slot, workers, stream. What fails closes what was opened.
 */
export async function assembleChangefeed(config: Config, hooks: Hooks): Promise<Changefeed> {
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const memory = planMemory(config.memoryBytes, config.workers);
    const store = await openState(config, hooks);
    closers.push(() => store.close());
    const sink = await openKafka(config, memory, store, hooks);
    closers.push(() => sink.close());
    const opened = await openDatabase(config, store, hooks);
    closers.push(() => opened.side.close());
    assertDistinctNames(
      config.schemaName,
      opened.plan.tables.map(({ relation }) => relation),
    );
    const encoders = startEncoders({
      workers: config.workers,
      ringBytes: memory.ringBytes,
      largeBytes: memory.largeBytes,
      batch: BATCH_SIZE,
      encoder: config.format,
      producer: sink.producer,
    });
    closers.push(() => encoders.terminate());
    return wire(config, hooks, { memory, store, sink, opened, encoders, closeAll });
  } catch (error) {
    await closeAll();
    throw error;
  }
}

interface Parts {
  readonly memory: MemoryPlan;
  readonly store: CheckpointStore;
  readonly sink: Sink;
  readonly opened: OpenedPostgres;
  readonly encoders: EncoderPool;
  readonly closeAll: () => Promise<void>;
}

function wire(config: Config, hooks: Hooks, { memory, store, sink, opened, encoders, closeAll }: Parts): Changefeed {
  const now = () => performance.now();
  const book = new CheckpointBook(store, { position: opened.position, source: opened.binding });
  book.settle(
    { [sink.topic.name]: sink.topic.partitions },
    opened.plan.tables.map(({ relation }) => `${relation.schema}.${relation.table}`),
  );
  const tableNames = new Map<number, string>();
  let truncates = 0;
  const epochs = new EpochTracker(sink.delivery.epochs, encoders.rings);
  const source: Source = sourceOver(opened, eventsOf(hooks), memory.largeBytes, () => book.nextSchemaVersion());
  // The broker's limit is for a message with its framing, the encoders' for key and value: they name the row, where the producer could not.
  const topic = { ...sink.topic, maxMessageBytes: sink.topic.maxMessageBytes - MESSAGE_OVERHEAD_BYTES };
  const dispatcher = new Dispatcher({
    rings: encoders.rings,
    epochs,
    planOf: (schema) => {
      tableNames.set(schema.tableId, `${schema.schema}.${schema.table}`);
      const name = tableName(config.schemaName, schema.schema, schema.table);
      return compilePlan(schema, name, topic, encoders.rings.length);
    },
    targets: sink.topic.targetBase + sink.topic.partitions,
    keyBytesMax: KEY_BYTES_MAX,
    epochRows: EPOCH_ROWS,
    epochMs: EPOCH_MS,
    now,
    onBlocked: (ring, bytes) => pipeline.waitForRoom(ring, bytes),
    onTruncate: (plans, lsnHigh, lsnLow) => {
      truncates += 1;
      const tables = plans.map(({ schema }) => `${schema.schema}.${schema.table}`).join(', ');
      hooks.log('info', `TRUNCATE of ${tables}: the format has no message for it`, {
        tables,
        lsn: source.positionOf(lsnHigh, lsnLow).parts[0]!.lsn,
      });
    },
  });
  const checkpointer = new Checkpointer({
    epochs,
    positionOf: ({ high, low }) => source.positionOf(high, low),
    store: (position, rows) => book.advance(position, rows),
    ack: (position) => source.ack(position),
    intervalMs: config.checkpointIntervalMs / 2,
    onError: (error) => pipeline.abort(error),
  });
  const pipeline = new Pipeline({
    source,
    dispatcher,
    epochs,
    checkpointer,
    encoders,
    checkDelivery: () => sink.check((id) => tableNames.get(id) ?? `table ${id}`),
    epochMs: EPOCH_MS,
    now,
  });
  onDelivery(() => pipeline.tick());
  let draining = Promise.resolve(true);
  return {
    async run(onReady) {
      const running = pipeline.run(opened.position);
      onReady(readyOf(sink, opened));
      await running;
      if (!(await draining)) throw shutdownTimeout(config.shutdownTimeoutMs);
      return book.position?.parts[0]?.lsn ?? null;
    },
    stop() {
      draining = pipeline.stop(config.shutdownTimeoutMs * DRAIN_SHARE);
      draining.catch((error: unknown) => pipeline.abort(error));
    },
    stats: () =>
      gatherStats({ dispatcher, epochs, encoders, sink, source, checkpointer, book, truncates, now: now(), wallClock: Date.now() }),
    close: closeAll,
  };
}

function shutdownTimeout(deadlineMs: number): MillraceError {
  const message = `not everything was delivered and stored within ${deadlineMs / 1000} s of the stop; the next start sends it again`;
  return new MillraceError('SHUTDOWN_TIMEOUT', message);
}

async function openState(config: Config, hooks: Hooks): Promise<CheckpointStore> {
  const store = await openFileStore({
    root: config.stateDir,
    changefeed: config.changefeed,
    lock: lockFile,
    now: () => Date.now(),
  });
  for (const { message, details } of store.warnings) hooks.warn('STATE_DAMAGED', message, details);
  return store;
}

async function openKafka(config: Config, memory: MemoryPlan, store: CheckpointStore, hooks: Hooks): Promise<Sink> {
  const { kafka } = config;
  const { sink, warnings } = await openSink({
    topic: kafka.topic,
    autoCreate: kafka.autoCreateTopic,
    partitions: kafka.partitionNum,
    replicationFactor: kafka.replicationFactor,
    recordedPartitions: store.loaded?.topics[kafka.topic] ?? null,
    maxMessageBytes: kafka.maxMessageBytes,
    properties: kafka.properties,
    memory,
    stampsPath: config.stampsPath,
    onEvent: (event) => tellEvent(event, hooks),
  });
  for (const warning of warnings) hooks.warn('TOPIC', warning, { topic: kafka.topic });
  if (sink.topic.created) hooks.log('info', `created the topic ${sink.topic.name}`, { partitions: sink.topic.partitions });
  return sink;
}

/** librdkafka mends what it reports beside deliveries; fatal errors end the changefeed elsewhere. */
function tellEvent(event: NativeEvent, hooks: Hooks): void {
  if (event.kind === 'error') hooks.warn('KAFKA', `${event.message} (${event.name})`, { error: event.code });
  if (event.kind === 'log')
    hooks.log(event.level <= SYSLOG_WARNING ? 'warn' : 'debug', `librdkafka: ${event.message}`, { facility: event.facility });
}

const SYSLOG_WARNING = 4;

async function openDatabase(config: Config, store: CheckpointStore, hooks: Hooks): Promise<OpenedPostgres> {
  const { source } = config;
  const options = {
    url: source.url,
    environment: process.env,
    changefeed: config.changefeed,
    tables: source.tables,
    slot: source.slot,
    publication: source.publication,
    viaPartitionRoot: source.partitionRoot,
    adoptSlot: source.slotAdopt,
  };
  return openPostgres(options, store.loaded, eventsOf(hooks), async (start) => {
    await new CheckpointBook(store, start).begin(start.position, start.source);
  });
}

function eventsOf(hooks: Hooks): SourceEvents {
  return {
    warn: (code, message, details) => hooks.warn(code, message, details),
    info: (message, details) => hooks.log('info', message, details),
  };
}

function readyOf(sink: Sink, opened: OpenedPostgres): CaptureReady {
  const { side, plan } = opened;
  return {
    position: opened.position.parts[0]!.lsn,
    slotCreated: opened.isNew,
    sourceInstance: `${side.server.host}:${side.server.port}/${opened.settings.database}`,
    sourceVersion: plan.server.version,
    kafkaCluster: sink.clusterId,
    librdkafkaVersion: librdkafkaVersion(),
    tables: plan.tables.length,
  };
}
