import { RANGES } from '../change/number-ranges.ts';
import type { BinlogPart, BinlogPosition, PostgresPosition } from '../change/position.ts';
import type { MovedRow, SnapshotPart, SnapshotRecord, SnapshotTable } from '../change/snapshot.ts';
import type { BinlogBinding, PostgresBinding } from '../change/source-binding.ts';
import type { TableRead } from '../change/table-read.ts';
import { hasShape, isCount, isDigits, isFields, isName, parseFields, type Fields, type Shape } from './record-fields.ts';
import type { CheckpointRecord } from './record.ts';

/**
 * Reads the body of a form.
 * @returns the record, or what is wrong with it
 */
export function readBody(body: string, version: number): CheckpointRecord | string {
  return parseFields(body, RECORD_FIELDS, (fields) => ({ ...fields, ...addedAfter(version, fields) }));
}

/** What the fields that came after a form are to be in a record of it. */
function addedAfter(version: number, { source, reads }: Fields): Fields {
  return {
    ...(version < 2 ? { schemas: {} } : {}),
    ...(version < 3 ? { snapshot: null } : {}),
    ...(version < 5 ? { reads: [] } : {}),
    ...(version === 5 && Array.isArray(reads) ? { reads: reads.map(withMark) } : {}),
    ...(version < 4 && isFields(source) ? { source: { ...source, snapshotLsn: null } } : {}),
  };
}

function withMark(read: unknown): unknown {
  return isFields(read) ? { ...read, comment: null, mark: null } : read;
}

const LSN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/;

function isLsn(value: unknown): boolean {
  return typeof value === 'string' && LSN.test(value);
}

function isPart(value: unknown): boolean {
  return isFields(value) && isName(value['connection']) && isLsn(value['lsn']);
}

function isFlavor(value: unknown): boolean {
  return value === 'mariadb' || value === 'mysql';
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

const POSTGRES_POSITION: Shape<PostgresPosition> = {
  kind: (value) => value === 'postgres',
  parts: (value) => isListOf(value, isPart),
};

const BINLOG_PART: Shape<BinlogPart> = {
  connection: (value) => value === 'binlog',
  flavor: isFlavor,
  gtid: isText,
  file: isText,
  offset: isCount,
};

const BINLOG_POSITION: Shape<BinlogPosition> = {
  kind: (value) => value === 'binlog',
  parts: (value) => isListOf(value, (part) => hasShape(part, BINLOG_PART)),
};

const BINLOG_BINDING: Shape<BinlogBinding> = {
  kind: (value) => value === 'binlog',
  flavor: (value) => value === null || isFlavor(value),
  serverUuid: (value) => value === null || isName(value),
  serverId: (value) => value === null || isCount(value),
};

const POSTGRES_BINDING: Shape<PostgresBinding> = {
  kind: (value) => value === 'postgres',
  slot: isName,
  claim: (value) => value === 'intent' || value === 'created' || value === 'adopted' || value === 'none',
  systemIdentifier: (value) => value === null || isDigits(value),
  timeline: (value) => value === null || isCount(value),
  snapshotLsn: (value) => value === null || isLsn(value),
  database: (value) => value === null || isName(value),
  publication: isName,
  publicationOid: (value) => value === null || isCount(value),
};

const PART_FIELDS: Shape<SnapshotPart> = {
  oid: isCount,
  name: isName,
  key: isTexts,
  cuts: (value) => Array.isArray(value) && value.every(isTexts),
  done: (value) => typeof value === 'string' && RANGES.test(value),
  rows: isDigits,
};

const TABLE_FIELDS: Shape<SnapshotTable> = {
  oid: isCount,
  name: isName,
  rows: isDigits,
  parts: (value) => Array.isArray(value) && value.every((part) => hasShape(part, PART_FIELDS)),
};

const SNAPSHOT_FIELDS: Shape<SnapshotRecord> = {
  mode: (value) => value === 'FULL' || value === 'FULL + INCREMENTAL',
  startedAt: isName,
  finishedAt: (value) => value === null || isName(value),
  tables: (value) => Array.isArray(value) && value.every((table) => hasShape(table, TABLE_FIELDS)),
};

const STATES: ReadonlySet<unknown> = new Set(['waiting', 'reading', 'done', 'cancelled', 'failed']);

const MOVED_FIELDS: Shape<MovedRow> = { key: isTexts, xid: isCount };

const READ_FIELDS: Shape<TableRead> = {
  id: isName,
  table: isName,
  where: (value) => value === null || isName(value),
  comment: (value) => value === null || typeof value === 'string',
  mark: (value) => value === null || value === 'start' || value === 'complete',
  joins: (value) => typeof value === 'boolean',
  state: (value) => STATES.has(value),
  progress: (value) => value === null || hasShape(value, SNAPSHOT_FIELDS),
  rows: isDigits,
  expectedRows: (value) => typeof value === 'number',
  chunksDone: isCount,
  chunks: isCount,
  moved: (value) => Array.isArray(value) && value.every((row) => hasShape(row, MOVED_FIELDS)),
  error: (value) => value === null || (isFields(value) && isName(value['code']) && typeof value['message'] === 'string'),
};

const RECORD_FIELDS: Shape<CheckpointRecord> = {
  changefeed: isName,
  generation: isCount,
  sequence: isCount,
  writtenAt: isName,
  position: (value) => value === null || hasShape(value, POSTGRES_POSITION) || hasShape(value, BINLOG_POSITION),
  source: (value) => hasShape(value, POSTGRES_BINDING) || hasShape(value, BINLOG_BINDING),
  topics: (value) => isFields(value) && Object.values(value).every((partitions) => isCount(partitions) && partitions > 0),
  rowsDelivered: isDigits,
  schemaVersion: isCount,
  tables: (value) => Array.isArray(value) && value.every(isName),
  schemas: (value) => isFields(value) && Object.values(value).every(isCount),
  snapshot: (value) => value === null || hasShape(value, SNAPSHOT_FIELDS),
  reads: (value) => Array.isArray(value) && value.every((read) => hasShape(read, READ_FIELDS)),
};

function isListOf(value: unknown, isRight: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isRight);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
