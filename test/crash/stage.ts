import { dirname } from 'node:path';
import type { CheckpointRecord } from '../../engine/checkpoint/record.ts';
import { parseRanges } from '../../engine/change/number-ranges.ts';
import type { SnapshotRecord } from '../../engine/change/snapshot.ts';
import { startKafka, type KafkaServer } from '../support/kafka.ts';
import { Millrace, type MillraceOptions } from '../support/millrace.ts';
import { until } from '../support/wait.ts';
import { BinlogLedger, binlogVariantOf } from './binlog-ledger.ts';
import { watchFile, watchTopic, type CheckpointWatch } from './checkpoint-watch.ts';
import type { Place } from './history.ts';
import type { Ledger } from './ledger.ts';
import { OffsetWatch } from './offsets.ts';
import { PostgresLedger } from './postgres-ledger.ts';
import { Random } from './random.ts';
import { BIG_ROWS, SHARED_TABLES, TRUNCATED_TABLE, WRITERS } from './work.ts';
import { Writer } from './writer.ts';

/**
 * What a run is about: changes alone, or rows that are there before, and changes meanwhile and after; each with the checkpoint in files or
 * in a topic; or changes alone of a binlog.
 */
export const RUN_KINDS = ['stream', 'topic', 'snapshot', 'snapshot-topic', 'binlog'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** Whether rows are there before. */
export function hasSnapshot(kind: RunKind): boolean {
  return kind === 'snapshot' || kind === 'snapshot-topic';
}

function usesTopic(kind: RunKind): boolean {
  return kind === 'topic' || kind === 'snapshot-topic';
}

export interface StageOptions {
  readonly kind: RunKind;
  readonly seed: number;
  readonly workers: number;
}

export const TOPIC = 'ledger';
export const PARTITIONS = 7;
const CHECKPOINT_TOPIC = 'checkpoints';
export const CATCH_UP_MS = 120_000;

/** Bytes that make a table of `BIG_ROWS` three units. */
const PAD_BYTES = 1000;
const UNIT_BYTES = 4_000_000;
/** A little less than a unit. */
const TRUNCATED_ROWS = 3000;
/** Less than a snapshot, so that what is read waits for what is delivered: of the budget, what the producer's queue may take. */
const MEMORY_BYTES = 32_000_000;
const QUEUE_BYTES = 4_000_000;
/** Of the four shared tables and the one that is truncated. */
export const UNITS = 13;

/** Servers, changefeed and writers of one run. */
export interface Stage {
  readonly kind: RunKind;
  readonly ledger: Ledger;
  readonly broker: KafkaServer;
  readonly engine: Millrace;
  readonly offsets: OffsetWatch;
  readonly checkpoint: CheckpointWatch;
  readonly writers: readonly Writer[];
  /** That read tables at a time. */
  readonly connections: number;
}

/** One database, one Kafka, one changefeed and the writers; nothing of it runs yet but the servers. */
export async function setStage({ kind, seed, workers }: StageOptions): Promise<Stage> {
  const random = new Random(seed);
  const [ledger, broker] = await Promise.all([
    kind === 'binlog' ? BinlogLedger.open(binlogVariantOf(seed)) : PostgresLedger.open(),
    startKafka(),
  ]);
  await broker.createTopic(TOPIC, PARTITIONS);
  const writers = Array.from({ length: WRITERS }, (_, index) => new Writer(ledger, new Random(random.below(0xffff_ffff)), index));
  const connections = workers === 1 ? 1 : 3;
  const engine = await Millrace.prepare({
    ...ledger.sourceOptions(workers),
    BOOTSTRAP_SERVERS: broker.bootstrapServers,
    TOPIC,
    WORKERS: String(workers),
    ...(hasSnapshot(kind) ? snapshotOptions(connections) : {}),
    ...(kind === 'binlog' ? OFTEN : {}),
    ...(usesTopic(kind) ? TOPIC_STORE : {}),
  });
  if (hasSnapshot(kind)) await fill(writers);
  const offsets = new OffsetWatch(broker.bootstrapServers, TOPIC, PARTITIONS, dirname(engine.stateDir));
  await offsets.start();
  const checkpoint = usesTopic(kind) ? await topicOf(broker) : watchFile(engine.stateDir);
  return { kind, ledger, broker, engine, offsets, checkpoint, writers, connections };
}

/** Stores all the time: a kill is to find one between its transaction, its acknowledgement and the confirmation to the server. */
const OFTEN = { CHECKPOINT_INTERVAL: '40ms' };
const TOPIC_STORE = { CHECKPOINT_STORE: 'topic', CHECKPOINT_TOPIC, ...OFTEN };

async function topicOf(broker: KafkaServer): Promise<CheckpointWatch> {
  await broker.createTopic(CHECKPOINT_TOPIC, 1, { 'cleanup.policy': 'compact', 'segment.bytes': '16777216' });
  return await watchTopic(broker.bootstrapServers, CHECKPOINT_TOPIC);
}

function snapshotOptions(connections: number): MillraceOptions {
  return {
    SYNC_MODE: 'FULL + INCREMENTAL',
    SNAPSHOT_CONNECTIONS: String(connections),
    SNAPSHOT_UNIT: String(UNIT_BYTES),
    MEMORY: String(MEMORY_BYTES),
    BUFFER_MEMORY: String(QUEUE_BYTES),
    CHECKPOINT_INTERVAL: '40ms',
    // Slow: a kill is to find a unit half sent.
    COMPRESSION: 'gzip',
    KAFKA_COMPRESSION_LEVEL: '9',
  };
}

async function fill(writers: readonly Writer[]): Promise<void> {
  for (const [index, table] of SHARED_TABLES.entries()) await writers[index % WRITERS]!.fill(table, BIG_ROWS, PAD_BYTES);
  await writers[0]!.fill(TRUNCATED_TABLE, TRUNCATED_ROWS, PAD_BYTES);
}

/** What the checkpoint says. */
export interface StoredState {
  readonly generation: number;
  /** Position as bytes of log; 0 before there is one. */
  readonly stored: bigint;
  readonly snapshot: SnapshotRecord | null;
}

export async function storedState(stage: Pick<Stage, 'checkpoint' | 'ledger'>): Promise<StoredState> {
  return stateOf(stage, await stage.checkpoint.now());
}

export function stateOf({ ledger }: Pick<Stage, 'ledger'>, record: CheckpointRecord | null): StoredState {
  return {
    generation: record?.generation ?? 0,
    stored: ledger.placeOf(record?.position),
    snapshot: record?.snapshot ?? null,
  };
}

/** Where in its life a changefeed is whose stream begins at `slotStart`. */
export function placeOf({ stored, snapshot }: StoredState, slotStart: bigint): Place {
  if (stored === 0n) return 0;
  if (snapshot === null || stored > slotStart) return 'stream';
  return snapshot.finishedAt === null ? unitsStored(snapshot) : 'seam';
}

export function unitsStored({ tables }: SnapshotRecord): number {
  return tables.flatMap(({ parts }) => parts).reduce((sum, { done }) => sum + parseRanges(done).length, 0);
}

/** Waits until everything that is committed by now is delivered and stored. */
export async function caughtUp(stage: Stage): Promise<void> {
  const { ledger, engine } = stage;
  const end = await ledger.end();
  await until(async () => (await storedState(stage)).stored >= end, {
    deadlineMs: CATCH_UP_MS,
    what: () => `the engine to catch up:\n${engine.tail()}`,
  });
}
