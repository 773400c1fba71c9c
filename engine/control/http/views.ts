import type { SourceConfig } from '../config/config.ts';
import { instanceIn } from '../config/source-url.ts';
import type { PastError } from '../error-book.ts';
import { adviceOf } from '../log.ts';
import type { CaptureStats, ReadStats, SnapshotStats } from '../messages.ts';
import { percentOf } from '../reads.ts';
import type { ServedChangefeed, Service } from '../service.ts';
import { activityOf, healthOf } from './health.ts';

export type JobView = ReturnType<typeof jobOf> | ReturnType<typeof jobWithLagOf>;
export type ChangefeedView = ReturnType<typeof changefeedOf>;
/** What views need of the service beside the changefeed that they show. */
type Surroundings = Pick<Service, 'redact' | 'now'>;

export type ReadView = ReturnType<typeof readOf>;
export type PartitionView = ReturnType<typeof partitionsOf>[number];

/** The row of a changefeed in `/api/v1/jobs`. */
export function jobOf({ config, supervisor }: ServedChangefeed, { redact }: Pick<Surroundings, 'redact'>) {
  const { status, watch } = supervisor;
  const { error } = status;
  return {
    job_id: config.changefeed,
    job_name: config.changefeed,
    source_instance: sourceInstanceOf({ config, supervisor }),
    target_kafka_cluster: watch.lastReady?.kafkaCluster ?? null,
    target_type: 'kafka',
    sync_mode: config.syncMode,
    status: status.state,
    records_exported: watch.rowsExported,
    last_export_time: watch.lastExportTime,
    error_message: error === null ? null : redact(`${error.code}: ${error.message}`),
  };
}

/** The same with how far behind it is, for who asks for that. */
export function jobWithLagOf(changefeed: ServedChangefeed, surroundings: Pick<Surroundings, 'redact'>) {
  const { stats } = changefeed.supervisor.watch;
  const log = logOf(stats);
  return {
    ...jobOf(changefeed, surroundings),
    position: stats?.source.position ?? null,
    ...lagOf(stats),
    log_file: log?.file ?? null,
    log_offset: log?.offset ?? null,
    gtid: log?.gtid ?? null,
  };
}

/** The rows of a changefeed in `/api/v1/partitions`. */
export function partitionsOf({ supervisor: { watch } }: ServedChangefeed) {
  return (watch.stats?.partitions ?? []).map(({ topic, partition, offset, lag }, index) => ({
    topic,
    partition,
    current_offset: offset,
    lag,
    throughput_per_sec: rounded(watch.partitionThroughput(index)),
  }));
}

/** A changefeed in `/api/v1/changefeeds`. */
export function changefeedOf(changefeed: ServedChangefeed, { redact, now }: Surroundings) {
  const { config, supervisor } = changefeed;
  const { status, watch, errors } = supervisor;
  const nowMs = now();
  const { ready, reason } = healthOf(status, watch, nowMs);
  const { messages, bytes } = watch.throughput();
  const stats = watch.stats;
  return {
    id: config.changefeed,
    state: status.state,
    phase: status.phase,
    ready,
    reason: reason === null ? null : redact(reason),
    activity: ready ? activityOf(watch, nowMs) : null,
    sync_mode: config.syncMode,
    source: sourceInstanceOf(changefeed),
    source_version: watch.lastReady?.sourceVersion ?? null,
    tables: config.source.tables,
    topic: config.kafka.topic,
    kafka_cluster: watch.lastReady?.kafkaCluster ?? null,
    position: stats?.source.position ?? null,
    checkpoint: { position: watch.checkpoint, age_seconds: stats === null ? null : rounded(stats.checkpoint.behindMs / 1000) },
    ...lagOf(stats),
    log: logOf(stats),
    oldest_unacknowledged: oldestOf(stats),
    throughput: { messages_per_sec: rounded(messages), bytes_per_sec: rounded(bytes) },
    in_flight: stats?.inFlight ?? null,
    records_exported: watch.rowsExported,
    last_export_time: watch.lastExportTime,
    slot: slotOf(config.source, stats),
    snapshot: stats?.snapshot === null || stats === null ? null : snapshotOf(stats.snapshot),
    reads: readsOf(changefeed, { redact }),
    restarts: status.restarts,
    last_error: errors.latest[0] === undefined ? null : errorOf(errors.latest[0], redact),
    errors: errors.latest.map((past) => errorOf(past, redact)),
  };
}

/** The rows of a changefeed in `/api/v1/changefeeds/ID/snapshots`, the latest first. */
export function readsOf({ supervisor: { watch } }: ServedChangefeed, surroundings: Pick<Surroundings, 'redact'>) {
  return watch.reads.toReversed().map((read) => readOf(read, surroundings));
}

/** One of them. */
export function readOf(read: ReadStats, { redact }: Pick<Surroundings, 'redact'>) {
  const { id, table, where, comment, state, rows, expectedRows, chunksDone, chunks, error } = read;
  return {
    id,
    table,
    where: where === null ? null : redact(where),
    comment: comment === null ? null : redact(comment),
    state,
    percent: rounded(percentOf(read)),
    rows,
    expected_rows: Math.round(expectedRows),
    chunks_done: chunksDone,
    chunks,
    error: error === null ? null : { code: error.code, message: redact(error.message) },
  };
}

/** What the plots of a changefeed show, after a moment. */
export function historyOf({ supervisor: { watch } }: ServedChangefeed, sinceMs: number) {
  return watch.history.since(sinceMs).map(({ atMs, rowsPerSecond, bytesPerSecond, lagSeconds }) => ({
    at: atMs,
    messages_per_sec: rounded(rowsPerSecond),
    bytes_per_sec: rounded(bytesPerSecond),
    lag_seconds: rounded(lagSeconds),
  }));
}

function errorOf({ at, error }: PastError, redact: (text: string) => string) {
  return { at, code: error.code, message: redact(error.message), advice: adviceOf(error) };
}

function snapshotOf({ percent, rows, rowsPerSecond, secondsLeft, heldBytes, tables }: SnapshotStats) {
  return {
    percent: rounded(percent),
    rows,
    rows_per_sec: rounded(rowsPerSecond),
    seconds_left: secondsLeft === null ? null : rounded(secondsLeft),
    held_bytes: heldBytes,
    tables: tables.map((table) => ({ table: table.table, rows: table.rows, percent: rounded(table.percent) })),
  };
}

function oldestOf(stats: CaptureStats | null): string | null {
  const ms = stats?.oldestCommitMs ?? null;
  return ms === null ? null : new Date(ms).toISOString();
}

function lagOf(stats: CaptureStats | null) {
  return {
    lag_seconds: stats === null ? null : rounded(stats.lagSeconds),
    lag_bytes: stats?.source.lagBytes ?? null,
    lag_transactions: stats?.source.lagTransactions ?? null,
  };
}

function logOf(stats: CaptureStats | null) {
  const log = stats?.source.log ?? null;
  if (log === null) return null;
  const { file, offset, gtid, keptBytes, expireSeconds } = log;
  return { file, offset, gtid: gtid === '' ? null : gtid, kept_bytes: keptBytes, expire_seconds: expireSeconds };
}

/** Null for a source without slots. */
function slotOf(source: SourceConfig, stats: CaptureStats | null) {
  if (source.kind !== 'postgres') return null;
  return { name: source.slot, held_bytes: heldBytesOf(stats), spare_bytes: stats?.source.spareBytes ?? null };
}

/** While tables are read there is no stream, and the snapshot knows of the slot. */
function heldBytesOf(stats: CaptureStats | null): number | null {
  return stats?.source.heldBytes ?? stats?.snapshot?.heldBytes ?? null;
}

/** As a capture that has connected tells it. Of several servers the first, until it is known which one it is. */
function sourceInstanceOf({ config, supervisor }: Pick<ServedChangefeed, 'config' | 'supervisor'>): string {
  return supervisor.watch.lastReady?.sourceInstance ?? instanceIn(config.source.url);
}

/** To a thousandth: more digits say nothing to people. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
