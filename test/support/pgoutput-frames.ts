import { rowImage, type ImageValue } from './rows.ts';

/** Frames of a replication stream made by hand (PostgreSQL manual 55.4, 55.7, 55.9), for what a server cannot be made to send. */

export interface TestRelation {
  readonly id: number;
  readonly schema: string;
  readonly table: string;
  readonly identity?: 'd' | 'f' | 'i' | 'n';
  /** Name, type oid, modifier; a name that begins with `*` is part of the key. */
  readonly columns: readonly (readonly [name: string, typeOid?: number, typeModifier?: number])[];
}

/** A message of the server: type, length, body. */
export function message(type: string, ...body: readonly Uint8Array[]): Buffer {
  const length = body.reduce((sum, part) => sum + part.length, 4);
  return Buffer.concat([Buffer.from(type), u32(length), ...body]);
}

/** pgoutput's message at a place of the log. */
export function xlogData(lsn: bigint, ...body: readonly Uint8Array[]): Buffer {
  return message('d', Buffer.from('w'), u64(lsn), u64(lsn), u64(0n), ...body);
}

export function keepalive(end: bigint, wantsReply = false): Buffer {
  return message('d', Buffer.from('k'), u64(end), u64(0n), Buffer.of(wantsReply ? 1 : 0));
}

/** `micros` since 2000. */
export function begin(lsn: bigint, commitLsn: bigint, xid: number, micros = 0n): Buffer {
  return xlogData(lsn, Buffer.from('B'), u64(commitLsn), u64(BigInt.asUintN(64, micros)), u32(xid));
}

export function commit(lsn: bigint, commitLsn: bigint, endLsn: bigint): Buffer {
  return xlogData(lsn, Buffer.from('C'), Buffer.of(0), u64(commitLsn), u64(endLsn), u64(0n));
}

export function relation(lsn: bigint, { id, schema, table, identity = 'd', columns }: TestRelation): Buffer {
  const parts = columns.map(([name, typeOid = 25, typeModifier = -1]) => {
    const isKey = identity === 'f' || name.startsWith('*');
    return Buffer.concat([Buffer.of(isKey ? 1 : 0), text(name.replace('*', '')), u32(typeOid), u32(typeModifier >>> 0)]);
  });
  return xlogData(lsn, Buffer.from('R'), u32(id), text(schema), text(table), Buffer.from(identity), u16(columns.length), ...parts);
}

export function insert(lsn: bigint, relationId: number, values: readonly ImageValue[]): Buffer {
  return xlogData(lsn, Buffer.from('I'), u32(relationId), Buffer.from('N'), rowImage(values));
}

export function update(
  lsn: bigint,
  relationId: number,
  values: readonly ImageValue[],
  old?: readonly ['K' | 'O', readonly ImageValue[]],
): Buffer {
  const before = old === undefined ? [] : [Buffer.from(old[0]), rowImage(old[1])];
  return xlogData(lsn, Buffer.from('U'), u32(relationId), ...before, Buffer.from('N'), rowImage(values));
}

export function remove(lsn: bigint, relationId: number, kind: 'K' | 'O', values: readonly ImageValue[]): Buffer {
  return xlogData(lsn, Buffer.from('D'), u32(relationId), Buffer.from(kind), rowImage(values));
}

export function truncate(lsn: bigint, relationIds: readonly number[]): Buffer {
  return xlogData(lsn, Buffer.from('T'), u32(relationIds.length), Buffer.of(0), ...relationIds.map(u32));
}

/** An ErrorResponse with these fields. */
export function errorResponse(fields: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(fields).map(([type, value]) => Buffer.concat([Buffer.from(type), text(value)]));
  return message('E', ...parts, Buffer.of(0));
}

export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
