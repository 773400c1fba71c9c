import { crc32 } from 'node:zlib';
import { ColumnType } from '../../engine/source/mysql/binlog/column-types.ts';
import { EventFlag, EventType, HEADER_BYTES } from '../../engine/source/mysql/binlog/event-layout.ts';
import { MAGIC } from './binlog-reader.ts';

export const SERVER_ID = 7;
/** Header time of every event: 2026-11-30T12:00:00Z. */
export const SECONDS = 1_796_040_000;

/** What an event can have otherwise than usual. */
export interface EventChange {
  readonly flags?: number;
  /** In place of the true one. */
  readonly nextOffset?: number;
  readonly seconds?: number;
}

/** Writes events as a server does: with headers that know their places, and checksums. */
export class LogWriter {
  private readonly parts: Buffer[] = [];
  private end: number = MAGIC.length;
  private readonly hasChecksum: boolean;

  constructor(hasChecksum = true) {
    this.hasChecksum = hasChecksum;
  }

  /** Where the next event begins in the file. */
  get offset(): number {
    return this.end;
  }

  /** Leaves so much of the file out, as a sender does with events that are not asked for: less than 4 GB. */
  leaveOut(bytes: number): this {
    this.end += bytes;
    return this;
  }

  /** All events so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.parts);
  }

  event(type: number, body: Uint8Array, change: EventChange = {}): this {
    const isFormat = type === EventType.formatDescription;
    const length = HEADER_BYTES + body.length + (this.hasChecksum && !isFormat ? 4 : 0);
    const event = Buffer.alloc(length);
    event.writeUInt32LE(change.seconds ?? SECONDS, 0);
    event[4] = type;
    event.writeUInt32LE(SERVER_ID, 5);
    event.writeUInt32LE(length, 9);
    event.writeUInt32LE((change.nextOffset ?? this.end + length) % 2 ** 32, 13);
    event.writeUInt16LE(change.flags ?? 0, 17);
    event.set(body, HEADER_BYTES);
    if (this.hasChecksum) event.writeUInt32LE(crc32(event.subarray(0, length - 4)), length - 4);
    this.parts.push(event);
    this.end += length;
    return this;
  }

  /** @param created when the server started that begins the file; 0 for one that goes on */
  format(server = '10.11.19-MariaDB-log', created = 0): this {
    const body = Buffer.alloc(57 + 40 + 5);
    body.writeUInt16LE(4, 0);
    body.write(server, 2, 'latin1');
    body.writeUInt32LE(created, 52);
    body[56] = HEADER_BYTES;
    body[body.length - 5] = this.hasChecksum ? 1 : 0;
    return this.event(EventType.formatDescription, body);
  }

  gtid(sequence: number, flags = 0x0c, domain = 0): this {
    const body = Buffer.alloc(19);
    body.writeBigUInt64LE(BigInt(sequence), 0);
    body.writeUInt32LE(domain, 8);
    body[12] = flags;
    return this.event(EventType.mariadbGtid, body);
  }

  query(sql: string, database = 'test', type: number = EventType.query): this {
    return this.event(type, queryBody(sql, database));
  }

  /** A statement that depends on its session, such as one on a temporary table. */
  sessionQuery(sql: string, threadId = 11, database = 'test'): this {
    return this.event(EventType.query, queryBody(sql, database, threadId), { flags: EventFlag.ofSession });
  }

  tableMap(map: MapInput): this {
    return this.event(EventType.tableMap, tableMapBody(map));
  }

  rows(type: number, body: Uint8Array, change?: EventChange): this {
    return this.event(type, body, change);
  }

  xid(xid: bigint | number): this {
    const body = Buffer.alloc(8);
    body.writeBigUInt64LE(BigInt(xid));
    return this.event(EventType.xid, body);
  }

  rotate(file: string, offset: number, change?: EventChange): this {
    const position = Buffer.alloc(8);
    position.writeBigUInt64LE(BigInt(offset));
    return this.event(EventType.rotate, Buffer.concat([position, Buffer.from(file)]), change);
  }
}

export function queryBody(sql: string, database = 'test', threadId = 11): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32LE(threadId, 0);
  head[8] = database.length;
  return Buffer.concat([head, Buffer.from(`${database}\0${sql}`)]);
}

/** A column of `tableMapBody`. */
export interface ColumnInput {
  readonly name: string;
  readonly type: number;
  /** As the event has it. */
  readonly metadata?: readonly number[];
}

export interface MapInput {
  readonly id?: number;
  readonly database?: string;
  readonly table?: string;
  readonly columns?: readonly ColumnInput[];
  /** All columns, or none. */
  readonly nullable?: boolean;
  /** Optional metadata behind the names; null leaves the names out too. */
  readonly optional?: readonly (readonly [key: number, value: readonly number[]])[] | null;
}

/** `id INT`, `name VARCHAR(80)`, `note TEXT`. */
export const COLUMNS: readonly ColumnInput[] = [
  { name: 'id', type: ColumnType.long },
  { name: 'name', type: ColumnType.varchar, metadata: [80, 0] },
  { name: 'note', type: ColumnType.blob, metadata: [2] },
];
/** utf8mb4 for character columns, `id` is the primary key. */
export const OPTIONAL = [[2, [45]] as const, [8, [0]] as const];

/** Those of a sequence of MariaDB. */
export const SEQUENCE_COLUMNS: readonly ColumnInput[] = [
  { name: 'next_not_cached_value', type: ColumnType.longlong },
  { name: 'minimum_value', type: ColumnType.longlong },
  { name: 'maximum_value', type: ColumnType.longlong },
  { name: 'start_value', type: ColumnType.longlong },
  { name: 'increment', type: ColumnType.longlong },
  { name: 'cache_size', type: ColumnType.longlong },
  { name: 'cycle_option', type: ColumnType.tiny },
  { name: 'cycle_count', type: ColumnType.longlong },
];

export function tableMapBody(map: MapInput): Buffer {
  const { id = 5, database = 'test', table = 't', columns = COLUMNS, nullable = true, optional = OPTIONAL } = map;
  const metadata = Buffer.from(columns.flatMap(({ metadata: bytes = [] }) => bytes));
  const names = Buffer.concat(columns.map(({ name }) => Buffer.from([Buffer.byteLength(name), ...Buffer.from(name)])));
  const tlvs = optional === null ? [] : [[4, [...names]] as const, ...optional];
  return Buffer.concat([
    tableIdAndFlags(id, 1),
    Buffer.from([database.length, ...Buffer.from(database), 0, table.length, ...Buffer.from(table), 0, columns.length]),
    Buffer.from(columns.map(({ type }) => type)),
    Buffer.from([metadata.length]),
    metadata,
    Buffer.alloc((columns.length + 7) >> 3, nullable ? 0xff : 0),
    ...tlvs.map(([key, value]) => Buffer.from([key, value.length, ...value])),
  ]);
}

/** The body of a rows event, version 1. `present` has a bitmap for each image; `images` are written as they are. */
export function rowsBody(images: readonly Uint8Array[], present: readonly (readonly number[])[] = [[0xff]], columns = 3, id = 5): Buffer {
  return Buffer.concat([tableIdAndFlags(id, 1), Buffer.from([columns]), Buffer.from(present.flat()), ...images]);
}

/** An image of `COLUMNS`. */
export function image(id: number | null, name: string | null, note: string | null): Buffer {
  const nulls = (id === null ? 1 : 0) | (name === null ? 2 : 0) | (note === null ? 4 : 0) | 0xf8;
  const idBytes = Buffer.alloc(id === null ? 0 : 4);
  if (id !== null) idBytes.writeInt32LE(id);
  const noteBytes = note === null ? [] : [note.length & 0xff, note.length >> 8, ...Buffer.from(note)];
  return Buffer.concat([
    Buffer.from([nulls]),
    idBytes,
    Buffer.from(name === null ? [] : [name.length, ...Buffer.from(name)]),
    Buffer.from(noteBytes),
  ]);
}

function tableIdAndFlags(id: number, flags: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUIntLE(id, 0, 6);
  bytes.writeUInt16LE(flags, 6);
  return bytes;
}
