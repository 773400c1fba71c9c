import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '../base/errors.ts';
import { commentProblem, type ReadOrder } from '../change/table-read.ts';
import { parseTableName } from '../source/tables.ts';
import type { ReadStats } from './messages.ts';
import type { ServedChangefeed } from './service.ts';

/** What is asked for. */
export interface ReadRequest {
  /** As in MILLRACE_TABLES, without wildcards. */
  readonly table: string;
  /** SQL for which the rows that are wanted hold; null for all. */
  readonly where: string | null;
  /** Why; null for no word of it. */
  readonly comment: string | null;
}

/** How long a capture may take to tell that it has recorded an order; it says what it does once a second. */
const TAKEN_MS = 8_000;
const LOOK_MS = 50;
const WHERE_LENGTH_MAX = 8_000;

/**
 * Has a table read beside the stream. Resolves once the capture has recorded it, so that it outlives any crash.
 * @throws MillraceError API_REQUEST_INVALID, API_STATE_CONFLICT
 */
export async function orderRead(changefeed: ServedChangefeed, { table, where, comment }: ReadRequest): Promise<ReadStats> {
  if (changefeed.config.source.kind !== 'postgres') {
    throw new MillraceError('API_STATE_CONFLICT', 'tables are read beside a stream of PostgreSQL alone; this one is of MariaDB or MySQL');
  }
  const name = parseTableName(table);
  if (name === null) throw invalid(`table: given ${JSON.stringify(table)}, accepted: one table, schema.table, without wildcards`);
  if (where !== null && (where.trim() === '' || where.length > WHERE_LENGTH_MAX)) {
    throw invalid(`where: given ${where.length} characters, accepted: what follows WHERE in SQL, up to ${WHERE_LENGTH_MAX} characters`);
  }
  const problem = commentProblem(comment);
  if (problem !== null) throw invalid(problem);
  const id = randomBytes(6).toString('hex');
  return await order(changefeed, { kind: 'read-table', id, table: `${name.schema}.${name.table}`, where, comment }, () => true);
}

/**
 * Has a table not read any further. Resolves once the capture has recorded it; with a read that was over, as it ended.
 * @throws MillraceError API_NOT_FOUND, API_STATE_CONFLICT
 */
export async function cancelRead(changefeed: ServedChangefeed, id: string): Promise<ReadStats> {
  const read = readOf(changefeed, id);
  if (read === undefined) {
    const known = changefeed.supervisor.watch.reads.map((one) => one.id).join(', ') || 'none';
    throw new MillraceError('API_NOT_FOUND', `given the read ${JSON.stringify(id)}, accepted: ${known}`);
  }
  return isOver(read) ? read : await order(changefeed, { kind: 'cancel-read', id }, isOver);
}

/** Whether nothing more will come of it. */
export function isOver({ state }: Pick<ReadStats, 'state'>): boolean {
  return state !== 'waiting' && state !== 'reading';
}

/** How far it is, by chunks. */
export function percentOf({ state, chunksDone, chunks }: Pick<ReadStats, 'state' | 'chunksDone' | 'chunks'>): number {
  if (state === 'done') return 100;
  return chunks === 0 ? 0 : Math.min(100, (100 * chunksDone) / chunks);
}

async function order(changefeed: ServedChangefeed, asked: ReadOrder, isTaken: (read: ReadStats) => boolean): Promise<ReadStats> {
  const { config, supervisor, log } = changefeed;
  if (config.syncMode === 'FULL') throw conflict(changefeed, 'reads its tables once and has no stream that another read could run beside');
  if (supervisor.status.phase !== 'streaming') throw conflict(changefeed, 'does not stream at the moment');
  const capture = supervisor.capturePid;
  log.info(asked.kind === 'read-table' ? `asked to read ${asked.table}` : 'asked to read no further', { read: asked.id });
  supervisor.order(asked);
  const deadline = performance.now() + TAKEN_MS;
  while (performance.now() < deadline && supervisor.capturePid === capture) {
    const read = readOf(changefeed, asked.id);
    if (read !== undefined && isTaken(read)) return read;
    await delay(LOOK_MS);
  }
  throw conflict(changefeed, `has not said that it recorded ${asked.id}: look at the list of reads, and ask again where it is not there`);
}

function readOf({ supervisor }: ServedChangefeed, id: string): ReadStats | undefined {
  return supervisor.watch.reads.find((read) => read.id === id);
}

function conflict({ config }: ServedChangefeed, why: string): MillraceError {
  return new MillraceError('API_STATE_CONFLICT', `the changefeed ${config.changefeed} ${why}`);
}

function invalid(message: string): MillraceError {
  return new MillraceError('API_REQUEST_INVALID', message);
}
