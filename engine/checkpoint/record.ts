import { createHash } from 'node:crypto';
import { MillraceError } from '../base/errors.ts';
import type { Position } from '../change/position.ts';
import type { SnapshotRecord } from '../change/snapshot.ts';
import type { SourceBinding } from '../change/source-binding.ts';
import type { TableRead } from '../change/table-read.ts';
import { readBody } from './record-shape.ts';

/**
 * The stored form of a checkpoint: one header line, then JSON that an operator can read.
 *
 *   millrace-checkpoint 7 <sha256 of version and body, hex>\n
 *   { "changefeed": ... }\n
 *
 * v1: first form.
 * v2: the versions of tables.
 * v3: the snapshot and its units.
 * v4: where the log stood when the snapshot was taken.
 * v5: tables that are read beside the stream.
 * v6: the messages around their rows.
 * v7: sources with a binlog. Records of PostgreSQL have none of it and are written as v6, which an older Millrace reads.
 *
 * A new form gets a new version, a line in the list above, one in `record-shape.ts` that says what the form before it lacks, and a fixture
 * in the tests; every older form stays readable.
 */
export const RECORD_VERSION = 7;
const POSTGRES_VERSION = 6;

const MAGIC = 'millrace-checkpoint';
const HEADER = /^millrace-checkpoint ([1-9][0-9]{0,5}) ([0-9a-f]{64})$/;
/** Ample for a hundred thousand tables; a larger file is not ours. */
export const RECORD_BYTES_MAX = 64 * 1024 * 1024;

/** What the owner of a changefeed stores: everything that a restart must know. */
export interface CheckpointContent {
  /** Everything at or before it is acknowledged by the broker; null until the stream's start is known. */
  readonly position: Position | null;
  readonly source: SourceBinding;
  /** Partition count of each topic when its first row was sent: keys stay where they are. */
  readonly topics: Readonly<Record<string, number>>;
  /** Rows acknowledged since the changefeed was created, decimal digits. */
  readonly rowsDelivered: string;
  /** Schema versions given out so far; the next one is this plus 1. */
  readonly schemaVersion: number;
  /** Tables selected at the last start, `schema.table`, for operators. */
  readonly tables: readonly string[];
  /** The number of each version of a table by the digest of its content, so that a row which is read again has the same one. */
  readonly schemas: Readonly<Record<string, number>>;
  /** The rows that were there before the stream; null for a changefeed that exports changes alone. */
  readonly snapshot: SnapshotRecord | null;
  /** Tables that are read beside the stream, and the last ones that were. */
  readonly reads: readonly TableRead[];
}

/** A checkpoint as stored: content, and who wrote it when. */
export interface CheckpointRecord extends CheckpointContent {
  readonly changefeed: string;
  /** Counts owners: each opening of the store is one more. The newest owner's record wins. */
  readonly generation: number;
  /** Counts the stores of one owner. */
  readonly sequence: number;
  /** ISO 8601, UTC; for operators. */
  readonly writtenAt: string;
}

/** Who stores, and which store it is. */
export type StoreMark = Pick<CheckpointRecord, 'changefeed' | 'generation' | 'sequence' | 'writtenAt'>;

/** The record of a store: the content's own fields, whatever else the object has, in the order in which operators read them. */
export function recordOf(content: CheckpointContent, mark: StoreMark): CheckpointRecord {
  return {
    changefeed: mark.changefeed,
    generation: mark.generation,
    sequence: mark.sequence,
    writtenAt: mark.writtenAt,
    position: content.position,
    source: content.source,
    topics: content.topics,
    rowsDelivered: content.rowsDelivered,
    schemaVersion: content.schemaVersion,
    tables: content.tables,
    schemas: content.schemas,
    snapshot: content.snapshot,
    reads: content.reads,
  };
}

/** The newest generation wins, whatever was written later; within one its last store, which has the highest position. */
export function isNewer(a: CheckpointRecord, b: CheckpointRecord): boolean {
  return a.generation === b.generation ? a.sequence > b.sequence : a.generation > b.generation;
}

/** The bytes of a record in the newest form that it needs. */
export function encodeRecord(record: CheckpointRecord): Buffer {
  const version = record.source.kind === 'postgres' ? POSTGRES_VERSION : RECORD_VERSION;
  const body = `${JSON.stringify(record, null, 2)}\n`;
  return Buffer.from(`${MAGIC} ${version} ${digest(version, Buffer.from(body))}\n${body}`);
}

/**
 * Reads a record of any version up to ours.
 * @param file names the file in errors
 * @throws MillraceError `STATE_CORRUPT` for bytes that are not what a store wrote, `STATE_VERSION` for a form newer than ours
 */
export function decodeRecord(bytes: Buffer, file: string): CheckpointRecord {
  const lineEnd = bytes.indexOf(0x0a);
  const header = lineEnd === -1 ? null : HEADER.exec(bytes.toString('latin1', 0, Math.min(lineEnd, 128)));
  if (header === null) throw corrupt(file, 'its first line is not the header of a checkpoint');
  const version = Number(header[1]);
  const body = bytes.subarray(lineEnd + 1);
  if (digest(version, body) !== header[2]) throw corrupt(file, 'its checksum does not match its content');
  if (version > RECORD_VERSION) {
    throw new MillraceError(
      'STATE_VERSION',
      `${file} has form ${version}; this Millrace reads forms 1 to ${RECORD_VERSION}. Run the newer Millrace that wrote it.`,
      { file, version },
    );
  }
  const record = readBody(body.toString('utf8'), version);
  if (typeof record === 'string') throw corrupt(file, record);
  return record;
}

function digest(version: number, body: Buffer): string {
  return createHash('sha256').update(`${MAGIC} ${version}\n`).update(body).digest('hex');
}

function corrupt(file: string, why: string): MillraceError {
  return new MillraceError('STATE_CORRUPT', `${file} cannot be trusted: ${why}.`, { file });
}
