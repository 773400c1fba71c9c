import { DEAD_LETTER_REASONS } from '../../change/dead-letter.ts';
import type { PartitionStats, ReadStats } from '../messages.ts';
import { isOver, percentOf } from '../reads.ts';
import { residentBytesOf, threadsOf } from '../process-usage.ts';
import type { ChangefeedState } from '../changefeed.ts';
import { healthOf } from './health.ts';
import { counter, gauge, labelled, type Metric, type MetricGroup, type Sample, type Scrape } from './metric.ts';

const STATES: readonly ChangefeedState[] = ['normal', 'warning', 'failed', 'stopped', 'finished'];

const CHANGEFEED: readonly Metric[] = [
  labelled(
    'gauge',
    'millrace_ready',
    '1 when /ready says of the changefeed that it is ready.',
    [],
    ({ supervisor: { status, watch }, nowMs }) => [[healthOf(status, watch, nowMs).ready ? 1 : 0]],
  ),
  labelled('gauge', 'millrace_changefeed_state', '1 for the state that the changefeed is in.', ['state'], ({ supervisor: { status } }) =>
    STATES.map((state): Sample => [status.state === state ? 1 : 0, state]),
  ),
  counter(
    'millrace_capture_restarts_total',
    'Restarts of the capture process after an error.',
    ({ supervisor }) => supervisor.status.restarts,
  ),
  labelled('counter', 'millrace_errors_total', 'Errors that ended a capture process.', ['code'], ({ supervisor }) =>
    [...supervisor.errors.counts].map(([code, count]): Sample => [count, code]),
  ),
  labelled('counter', 'millrace_warnings_total', 'Warnings of the capture process.', ['code'], ({ supervisor }) =>
    [...supervisor.warnings].map(([code, count]): Sample => [count, code]),
  ),
];

const ROWS: readonly Metric[] = [
  counter('millrace_rows_total', 'Rows read from the source and dispatched.', ({ totals }) => totals.rows),
  counter('millrace_truncates_total', 'TRUNCATEs of selected tables; they make no message.', ({ totals }) => totals.truncates),
  counter('millrace_delivered_messages_total', 'Messages acknowledged by Kafka.', ({ totals }) => totals.delivered),
  counter('millrace_delivered_bytes_total', 'Key and value bytes acknowledged by Kafka.', ({ totals }) => totals.deliveredBytes),
  counter('millrace_failed_messages_total', 'Messages whose delivery failed; a restart sends them again.', ({ totals }) => totals.failed),
  labelled('counter', 'millrace_dead_letters_total', 'Rows that went to the dead-letter topic.', ['reason'], ({ totals }) =>
    // From 0 on: a counter that begins with its first letter shows no increase.
    DEAD_LETTER_REASONS.map((reason): Sample => [totals.deadLetters[reason] ?? 0, reason]),
  ),
  gauge(
    'millrace_producer_queue_fill_ratio',
    "How full the producer's queue is, 0 to 1; while it is full, the source is read no faster than the brokers take.",
    (stats) => stats.producer.queueFill,
  ),
  gauge('millrace_producer_throttled', '1 while a quota of the brokers holds the producer back.', (stats) =>
    Number(stats.producer.throttled),
  ),
  counter(
    'millrace_producer_throttled_seconds_total',
    'Sum of the times for which brokers held requests back by a quota.',
    ({ totals }) => totals.throttledMs / 1000,
  ),
  gauge('millrace_in_flight_messages', 'Messages given to the producer without a report yet.', (stats) => stats.inFlight),
  labelled('gauge', 'millrace_ring_fill_ratio', 'Share of the ring of a worker that is in use, 0 to 1.', ['worker'], ({ stats }) =>
    (stats?.ringFill ?? []).map((fill, worker): Sample => [fill, String(worker)]),
  ),
];

const LAG: readonly Metric[] = [
  gauge(
    'millrace_lag_seconds',
    "Database's clock minus the commit time of the oldest unacknowledged transaction; 0 when none.",
    (stats) => stats.lagSeconds,
  ),
  gauge('millrace_lag_bytes', "Log between the server's end and what was read.", (stats) => stats.source.lagBytes),
  gauge(
    'millrace_lag_transactions',
    "Transactions between the server's end and what was read, by their GTIDs; left out where there are none.",
    (stats) => stats.source.lagTransactions,
  ),
  gauge(
    'millrace_log_file_number',
    "Number of the log's file that is read: 123 of mysql-bin.000123; left out where the log has no files.",
    (stats) => stats.source.log?.fileNumber ?? null,
  ),
  gauge('millrace_log_offset_bytes', 'Offset in that file up to which was read.', (stats) => stats.source.log?.offset ?? null),
  gauge(
    'millrace_oldest_unacknowledged_timestamp_seconds',
    "Commit time of the oldest unacknowledged transaction, by the database's clock; left out when all is acknowledged.",
    (stats) => seconds(stats.oldestCommitMs),
  ),
  gauge('millrace_epochs_open', 'Epochs that are not delivered yet, the one that is being filled included.', (stats) => stats.epochsOpen),
  gauge('millrace_checkpoint_age_seconds', 'Age of the oldest epoch that is not stored; 0 when all is.', (stats) =>
    seconds(stats.checkpoint.behindMs),
  ),
  counter('millrace_checkpoint_stores_total', 'Checkpoints stored.', ({ totals }) => totals.stores),
];

const SOURCE: readonly Metric[] = [
  gauge('millrace_source_connected', '1 while the connection to the source stands.', (stats) => Number(stats.source.connected)),
  gauge('millrace_source_stalled', '1 while the source waits for room in a ring.', (stats) => Number(stats.source.stalled)),
  gauge('millrace_source_silent_seconds', 'Time since anything came from the source.', (stats) => seconds(stats.source.silentMs)),
  counter('millrace_source_received_bytes_total', "Bytes of the source's log that were received.", ({ totals }) => totals.receivedBytes),
  counter('millrace_source_transactions_total', 'Transactions read.', ({ totals }) => totals.transactions),
  counter('millrace_source_reconnects_total', 'Connections to the source made again.', ({ totals }) => totals.reconnects),
  gauge(
    'millrace_slot_held_bytes',
    'Log that the server keeps for the slot.',
    (stats) => stats.source.heldBytes ?? stats.snapshot?.heldBytes ?? null,
  ),
  gauge(
    'millrace_slot_spare_bytes',
    'Log that can be written until the server may drop what the slot needs (max_slot_wal_keep_size); left out without a limit.',
    (stats) => stats.source.spareBytes,
  ),
  gauge(
    'millrace_log_kept_bytes',
    'Binary log that MariaDB or MySQL has, all of its files; left out for PostgreSQL, where the slot says it.',
    (stats) => stats.source.log?.keptBytes ?? null,
  ),
  gauge(
    'millrace_log_expire_seconds',
    'Age at which MariaDB or MySQL removes files of its binary log; left out where it removes none.',
    // 0 is for never.
    (stats) => stats.source.log?.expireSeconds || null,
  ),
];

const SNAPSHOT: readonly Metric[] = [
  gauge('millrace_snapshot_rows', 'Rows read of the snapshot.', (stats) => stats.snapshot?.rows ?? null),
  gauge('millrace_snapshot_ratio', 'Share of the snapshot that is done, 0 to 1, by estimates of rows.', ({ snapshot }) =>
    snapshot === null ? null : snapshot.percent / 100,
  ),
  gauge(
    'millrace_snapshot_left_seconds',
    'Time that the snapshot will still take, by estimates of rows.',
    (stats) => stats.snapshot?.secondsLeft ?? null,
  ),
  gauge('millrace_snapshot_held_bytes', 'Log that the slot makes the server keep meanwhile.', (stats) => stats.snapshot?.heldBytes ?? null),
  labelled('gauge', 'millrace_snapshot_table_ratio', 'Share of a table of the snapshot that is done, 0 to 1.', ['table'], ({ stats }) =>
    (stats?.snapshot?.tables ?? []).map(({ table, percent }): Sample => [percent / 100, table]),
  ),
];

const READS: readonly Metric[] = [
  gauge('millrace_reads_open', 'Tables that are read beside the stream, or wait for it.', ({ reads }) => openReads(reads).length),
  ofRead('millrace_read_rows', 'Rows of it that are acknowledged and recorded.', ({ rows }) => rows),
  ofRead('millrace_read_ratio', 'Share of its chunks that are done, 0 to 1.', (read) => percentOf(read) / 100),
];

const PARTITIONS: readonly Metric[] = [
  ofPartition('gauge', 'millrace_partition_offset', 'Last acknowledged offset + 1.', ({ offset }) => offset),
  ofPartition('gauge', 'millrace_partition_lag_rows', 'Rows that were read for the partition and are not acknowledged.', ({ lag }) => lag),
  ofPartition('gauge', 'millrace_partition_in_flight_messages', 'Messages without a report yet.', ({ inFlight }) => inFlight),
  ofPartition(
    'counter',
    'millrace_partition_delivered_messages_total',
    'Messages acknowledged by this capture process.',
    ({ delivered }) => delivered,
  ),
  ofPartition(
    'counter',
    'millrace_partition_delivered_bytes_total',
    'Key and value bytes acknowledged by this capture process.',
    ({ deliveredBytes }) => deliveredBytes,
  ),
  labelled(
    'gauge',
    'millrace_partition_throughput_messages_per_second',
    'Messages acknowledged each second, over the last ten.',
    ['topic', 'partition'],
    ({ stats, supervisor: { watch } }) =>
      (stats?.partitions ?? []).map((partition, index) => partitionSample(partition, watch.partitionThroughput(index))),
  ),
];

const PROCESSES: readonly Metric[] = [
  ofProcesses(
    'counter',
    'millrace_thread_cpu_seconds_total',
    "Processor time of a thread of the service: `main`, `millrace-worker` (encoders), `rdk:...` (librdkafka), Node's helpers.",
    ['thread', 'id'],
    (process, pid) => threadsOf(pid).map(({ id, name, cpuSeconds }): Sample => [cpuSeconds, process, name, String(id)]),
  ),
  ofProcesses('gauge', 'millrace_process_resident_memory_bytes', 'Memory of a process that is in RAM.', [], (process, pid) => {
    const bytes = residentBytesOf(pid);
    return bytes === null ? [] : [[bytes, process]];
  }),
];

/** Every metric, in the order of the documentation. */
export const METRICS: readonly MetricGroup[] = [
  { title: 'Changefeed', metrics: CHANGEFEED },
  { title: 'Rows and messages', metrics: ROWS },
  { title: 'Lag and checkpoint', metrics: LAG },
  { title: 'Source', metrics: SOURCE },
  { title: 'Snapshot, while tables are read', metrics: SNAPSHOT },
  { title: 'Tables that are read beside the stream', metrics: READS },
  { title: 'Partitions', metrics: PARTITIONS },
  { title: 'Processes', metrics: PROCESSES },
];

function openReads(reads: readonly ReadStats[]): readonly ReadStats[] {
  return reads.filter((read) => !isOver(read));
}

function ofRead(name: string, help: string, read: (one: ReadStats) => number): Metric {
  return labelled('gauge', name, help, ['table', 'read'], ({ stats }) =>
    openReads(stats?.reads ?? []).map((one): Sample => [read(one), one.table, one.id]),
  );
}

function ofPartition(kind: Metric['kind'], name: string, help: string, read: (partition: PartitionStats) => number): Metric {
  return labelled(kind, name, help, ['topic', 'partition'], ({ stats }) =>
    (stats?.partitions ?? []).map((partition) => partitionSample(partition, read(partition))),
  );
}

function partitionSample({ topic, partition }: PartitionStats, value: number): Sample {
  return [value, topic, String(partition)];
}

/** Of the supervisor, which all changefeeds share, and of the capture of each; between two captures there is none. */
function ofProcesses(
  kind: Metric['kind'],
  name: string,
  help: string,
  labels: readonly string[],
  read: (process: 'supervisor' | 'capture', pid: number) => readonly Sample[],
): Metric {
  const capture = ({ supervisor: { capturePid } }: Scrape) => (capturePid === undefined ? [] : read('capture', capturePid));
  return { ...labelled(kind, name, help, ['process', ...labels], capture), readService: () => read('supervisor', process.pid) };
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
