import { timeText } from '../../check/text.ts';
import type { ChangefeedView, PartitionView, ReadView } from '../http/views.ts';
import { grouped, timeLeft } from '../progress.ts';
import type { Status } from './status.ts';
import { textTable } from './table.ts';

/** More partitions than a screen has lines are not read. */
const PARTITIONS_SHOWN = 20;

/** The status as a person reads it: changefeeds, what goes wrong, snapshots, partitions. */
export function statusText({ changefeeds, partitions }: Status): string {
  const notes = changefeeds.flatMap((changefeed) => [
    ...logLines(changefeed),
    ...snapshotLines(changefeed),
    ...readLines(changefeed),
    ...problemLines(changefeed),
  ]);
  const parts = [changefeedTable(changefeeds), ...(notes.length === 0 ? [] : [`${notes.join('\n')}\n`])];
  return printable([...parts, ...partitionTable(partitions)].join('\n'));
}

type Column = readonly [heading: string, cell: (changefeed: ChangefeedView) => string];

const SLOT: Column = ['SLOT HOLDS', ({ slot }) => megabytes(slot?.held_bytes ?? null)];
const BEHIND: Column = ['TRANSACTIONS BEHIND', ({ lag_transactions: count }) => (count === null ? '-' : grouped(count))];

/** Slots are PostgreSQL's, and transactions are counted by GTIDs: either column is there where one has something for it. */
function changefeedTable(changefeeds: readonly ChangefeedView[]): string {
  const columns: readonly Column[] = [
    ['CHANGEFEED', ({ id }) => id],
    ['STATE', ({ state }) => state],
    ['PHASE', ({ phase }) => phase],
    ['ROWS/S', ({ throughput }) => grouped(throughput.messages_per_sec)],
    ['MB/S', ({ throughput }) => (throughput.bytes_per_sec / 1e6).toFixed(1)],
    ['LAG', ({ lag_seconds: lag }) => (lag === null ? '-' : `${lag.toFixed(1)} s`)],
    ...(changefeeds.some(({ lag_transactions: count }) => count !== null) ? [BEHIND] : []),
    ...(changefeeds.some(({ slot }) => slot !== null) ? [SLOT] : []),
    ['CHECKPOINT', checkpointText],
    ['EXPORTED', ({ records_exported: rows }) => (rows === null ? '-' : grouped(rows))],
    ['RESTARTS', ({ restarts }) => String(restarts)],
  ];
  const rows = changefeeds.map((changefeed) => columns.map(([, cell]) => cell(changefeed)));
  return textTable(
    columns.map(([heading]) => heading),
    rows,
  );
}

/** Of GTIDs and a place in a file the place: sets of GTIDs are too long for a column. */
function checkpointText({ checkpoint, log }: ChangefeedView): string {
  const position = checkpoint.position ?? '-';
  return log === null ? position : position.slice(position.lastIndexOf(' ') + 1);
}

function logLines({ id, log, lag_bytes: behind }: ChangefeedView): string[] {
  if (log === null) return [];
  const { file, offset, gtid, kept_bytes: kept, expire_seconds: expire } = log;
  const expiry = expire === null || expire === 0 ? '' : `, each file for ${timeText(expire)}`;
  const parts = [
    `reads ${file}:${offset}${gtid === null ? '' : `, GTID ${gtid}`}`,
    ...(behind === null ? [] : [`${megabytes(behind)} behind the end`]),
    ...(kept === null ? [] : [`the server keeps ${megabytes(kept)} of log${expiry}`]),
  ];
  return [`${id}: ${parts.join('; ')}`];
}

function snapshotLines({ id, snapshot }: ChangefeedView): string[] {
  if (snapshot === null) return [];
  const { percent, rows, rows_per_sec: rate, seconds_left: left } = snapshot;
  return [`${id}: snapshot ${percent.toFixed(1)} %, ${grouped(rows)} rows, ${grouped(rate)} rows/s, ${timeLeft(left)} left`];
}

/** Those that are not over; `millrace snapshot list` has the others. */
function readLines({ id, reads }: ChangefeedView): string[] {
  return reads.filter(({ state }) => state === 'waiting' || state === 'reading').map((read) => `${id}: ${readText(read)}`);
}

/** A table that is read beside the stream, in one line. */
export function readText({ id, table, where, state, percent, rows, error }: ReadView): string {
  const about = where === null ? table : `${table} where ${where}`;
  return `read ${id} of ${about}: ${state}, ${percent.toFixed(1)} %, ${grouped(rows)} rows${error === null ? '' : `: ${error.code}: ${error.message}`}`;
}

function problemLines({ id, ready, reason, last_error: error }: ChangefeedView): string[] {
  return [
    ...(ready ? [] : [`${id}: not ready: ${reason}`]),
    ...(error === null ? [] : [`${id}: last error, ${error.at}: ${error.code}: ${error.message}`, `  ${error.advice}`]),
  ];
}

/** Those that are furthest behind first, where not all are shown. */
function partitionTable(partitions: readonly PartitionView[]): string[] {
  if (partitions.length === 0) return [];
  const more = partitions.length - PARTITIONS_SHOWN;
  const shown = more <= 0 ? partitions : partitions.toSorted((a, b) => b.lag - a.lag).slice(0, PARTITIONS_SHOWN);
  const rows = shown.map((row) => [
    row.topic,
    String(row.partition),
    String(row.current_offset),
    grouped(row.lag),
    grouped(row.throughput_per_sec),
  ]);
  const table = textTable(['TOPIC', 'PARTITION', 'OFFSET', 'LAG', 'ROWS/S'], rows);
  return [more <= 0 ? table : `${table}and ${more} partitions that are less far behind (--json shows all)\n`];
}

function megabytes(bytes: number | null): string {
  return bytes === null ? '-' : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A message may quote what stands in a table: nothing in it is for the terminal. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, ' ');
}
