import { ByteView } from '../base/byte-view.ts';
import { murmur2, murmur2Words } from '../base/hash/murmur2.ts';
import { type DeadLetterReason, type DeadLetterRoute, LETTER_HEAD_BYTES, LetterHeader } from '../change/dead-letter.ts';
import { jsonString } from '../change/json/constant.ts';
import { Template } from '../change/json/template.ts';
import type { LetterRow } from '../change/letter-row.ts';
import type { SchemaRecord } from '../change/schema-record.ts';
import { NO_KEY, NO_PARTITION, Row, RowFlag, ROW_HEADER_BYTES } from '../ring/layout.ts';
import type { RowRecord } from './row-record.ts';
import { positionOf, shownKey } from './too-large.ts';

/** Why a row is a dead letter. */
export interface Refusal {
  readonly reason: DeadLetterReason;
  readonly message: string;
  /** The key as far as it is known where the record has none; null when it is not. */
  readonly key: string | null;
  /** Bytes of the whole row, where the record holds its beginning alone; null when it holds all of it. */
  readonly cutFrom: number | null;
}

/** A message for a dead-letter topic. */
export interface Letter {
  readonly partition: number;
  /** Null for none. */
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[];
}

/** Most that a header takes beside its name and value. */
const HEADER_OVERHEAD = 10;
/** The text of an error that is kept. */
const MESSAGE_BYTES = 1000;
const OPERATIONS = ['insert', 'update', 'delete'] as const;
/** What Maxwell calls a message that is too large; of other reasons it has none. */
const MAXWELL_TOO_LARGE = 'RecordTooLargeException';

/**
 * Makes the letter of a row record: as much of the row as the topic takes, and what is known about it. Allocates: letters are few.
 * @param offset end of the row's partition, -1 when that is not known
 * @param now milliseconds since 1970
 */
export function composeLetter(
  { schema, tableName }: SchemaRecord,
  route: DeadLetterRoute,
  row: RowRecord,
  record: number,
  refusal: Refusal,
  offset: number,
  now: number,
): Letter {
  const { input, words, oldStart, newEnd } = row;
  const { bytes } = input;
  const word = (field: number) => words[(record + field) >> 2]!;
  const whole = bytes.subarray(oldStart, newEnd);
  const messageKey = word(Row.keyLength) === (NO_KEY | 0) ? null : bytes.subarray(record + ROW_HEADER_BYTES, oldStart);
  const partition = word(Row.partition);
  const keyText = messageKey === null ? refusal.key : shownKey(bytes, words, record);
  const facts: [string, string | null][] = [
    [LetterHeader.changefeed, route.changefeed],
    [LetterHeader.reason, refusal.reason],
    [LetterHeader.message, cutText(refusal.message)],
    [LetterHeader.position, positionOf(schema, words, record)],
    [LetterHeader.database, schema.database],
    [LetterHeader.table, `${schema.schema}.${schema.table}`],
    [LetterHeader.operation, OPERATIONS[row.operation]],
    [LetterHeader.key, keyText],
    [LetterHeader.topic, route.topics[row.operation]!],
    [LetterHeader.partition, partition === NO_PARTITION ? null : String(partition)],
    [LetterHeader.offset, partition === NO_PARTITION || offset < 0 ? null : String(offset)],
    [LetterHeader.time, new Date(now).toISOString()],
    [LetterHeader.bytes, String(refusal.cutFrom ?? whole.length)],
  ];
  const headers: [string, Uint8Array][] = facts.flatMap(([name, text]) => (text === null ? [] : [[name, Buffer.from(text)]]));
  const isMaxwell = route.form === 'maxwell';
  // Content, row and data, whose values are counted apart.
  const names = [LetterHeader.content, LetterHeader.row, LetterHeader.data];
  let room = route.bytesMax - sizeOf(headers) - sizeOf(names.map((name) => [name, Buffer.from('head')]));
  const key = messageKey !== null && messageKey.length <= room ? messageKey : null;
  room -= key?.length ?? 0;
  const skeleton = isMaxwell ? maxwellValue(schema, tableName, row, refusal, room) : null;
  room -= skeleton?.length ?? 0;
  const told = Buffer.from(JSON.stringify(rowOf(schema, row, record)));
  const isWhole = refusal.cutFrom === null && told.length + whole.length <= room;
  const data = isWhole ? whole : whole.subarray(0, Math.max(0, Math.min(LETTER_HEAD_BYTES, room)));
  headers.push([LetterHeader.content, Buffer.from(isWhole ? 'row' : 'head')]);
  if (isWhole) headers.push([LetterHeader.row, told]);
  if (isMaxwell) headers.push([LetterHeader.data, data]);
  return { partition: partitionOf(key, words, record, route.partitions), key, value: skeleton ?? data, headers };
}

/** As Kafka's own partitioner has it, which Maxwell leaves its dead letters to; without a key by the row's place in the log. */
function partitionOf(key: Uint8Array | null, words: Int32Array, record: number, partitions: number): number {
  if (key !== null) return (murmur2(key, 0, key.length) & 0x7fffffff) % partitions;
  const word = (field: number) => words[(record + field) >> 2]!;
  return (murmur2Words(word(Row.lsnHigh), word(Row.lsnLow), word(Row.xoffset)) & 0x7fffffff) % partitions;
}

function rowOf(schema: SchemaRecord['schema'], row: RowRecord, record: number): LetterRow {
  const word = (field: number) => row.words[(record + field) >> 2]!;
  return {
    schema,
    operation: row.operation,
    oldImage: row.oldImage,
    oldLength: row.newStart - row.oldStart,
    isSnapshot: (row.flags & RowFlag.snapshot) !== 0,
    xid: word(Row.xid) >>> 0,
    xidHigh: word(Row.xidHigh),
    hasXid: (row.flags & RowFlag.noXid) === 0,
    xoffset: word(Row.xoffset),
    commitMicros: [word(Row.commitMicrosHigh), word(Row.commitMicrosLow)],
    lsn: [word(Row.lsnHigh), word(Row.lsnLow)],
  };
}

/** What Maxwell says of a row that it could not send: its primary key, as far as that can be written. */
function maxwellValue(schema: SchemaRecord['schema'], table: string, row: RowRecord, refusal: Refusal, room: number): Buffer {
  const isTooLarge = refusal.reason === 'MESSAGE_TOO_LARGE' || refusal.reason === 'ROW_TOO_LARGE';
  const reason = isTooLarge ? MAXWELL_TOO_LARGE : refusal.reason;
  const head = { database: schema.database, table, type: OPERATIONS[row.operation], reason };
  const open = `${JSON.stringify(head).slice(0, -1)},"data":`;
  const value = Buffer.concat([Buffer.from(open), primaryKeyOf(schema, row, refusal), Buffer.from('}')]);
  return value.length <= room ? value : Buffer.from(`${open}{}}`);
}

function primaryKeyOf(schema: SchemaRecord['schema'], row: RowRecord, refusal: Refusal): Buffer {
  const columns = schema.primaryKey;
  if (columns.length === 0 || refusal.cutFrom !== null) return Buffer.from('{}');
  const constants = columns.map((column, i) =>
    Buffer.concat([Buffer.from(i === 0 ? '{' : ','), jsonString(schema.columns[column]!.name), COLON]),
  );
  const template = new Template(schema, columns, [...constants, Buffer.from('}')], 'null');
  const { oldStart, newStart, newEnd } = row;
  const [start, end] = newStart === newEnd ? [oldStart, newStart] : [newStart, newEnd];
  try {
    template.locate(row.input, start, end, oldStart, newStart);
    const output = new ByteView(new Uint8Array(template.bound(row.input)));
    return Buffer.from(output.bytes.subarray(0, template.write(row.input, output, 0)));
  } catch {
    // The key itself is what cannot be written.
    return Buffer.from('{}');
  }
}

const COLON = Buffer.from(':');

function sizeOf(headers: readonly (readonly [string, Uint8Array])[]): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length + HEADER_OVERHEAD, 0);
}

function cutText(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= MESSAGE_BYTES ? text : `${bytes.subarray(0, MESSAGE_BYTES).toString('utf8')}...`;
}

/** Headers as native-bridge takes them: names and values in turn, each behind its length. */
export function headerBytes(headers: Letter['headers']): Uint8Array {
  const parts = headers.flatMap(([name, value]) => [Buffer.from(name), value]);
  const bytes = Buffer.alloc(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.writeUInt32LE(part.length, at);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}
