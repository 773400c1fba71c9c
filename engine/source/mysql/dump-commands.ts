import { FIRST_OFFSET } from './binlog/event-layout.ts';
import { OFFSET_MAX } from './binlog/far-place.ts';
import type { MysqlGtidSet } from './gtid-set.ts';

const COM_BINLOG_DUMP = 0x12;
const COM_REGISTER_SLAVE = 0x15;
const COM_BINLOG_DUMP_GTID = 0x1e;
/** Flags of COM_BINLOG_DUMP. */
export const DumpFlag = {
  /** The dump ends at the end of the log instead of waiting for more. */
  endsWithLog: 1,
  /** MariaDB: with the statements that made the rows, which it leaves out otherwise. */
  statements: 2,
} as const;
/** Of COM_BINLOG_DUMP_GTID: the set says where to begin. */
const THROUGH_GTID = 4;

/** Makes a replica of the connection, which then stands in SHOW REPLICAS under this id and name. */
export function registerCommand(serverId: number, name: string): Uint8Array {
  const host = Buffer.from(name, 'utf8').subarray(0, 60);
  const body = Buffer.alloc(1 + 4 + 1 + host.length + 1 + 1 + 2 + 4 + 4);
  let at = body.writeUInt8(COM_REGISTER_SLAVE, 0);
  at = body.writeUInt32LE(serverId, at);
  at = body.writeUInt8(host.length, at);
  at += host.copy(body, at);
  // No user, no password, no port, no rank, and the server fills in its own id.
  return packet(body.subarray(0, at + 12));
}

/**
 * Asks for the log from a file and an offset; with `@slave_connect_state` set MariaDB goes by that instead. An offset that the command has
 * no room for is asked for from the file's beginning on: a `FarPlace` passes over what comes before it.
 * @param flags of `DumpFlag`
 */
export function dumpCommand(serverId: number, file: string, offset: number, flags = 0): Uint8Array {
  const name = Buffer.from(file, 'utf8');
  const body = Buffer.alloc(11 + name.length);
  body.writeUInt8(COM_BINLOG_DUMP, 0);
  body.writeUInt32LE(offset > OFFSET_MAX ? FIRST_OFFSET : offset, 1);
  body.writeUInt16LE(flags, 5);
  body.writeUInt32LE(serverId, 7);
  name.copy(body, 11);
  return packet(body);
}

/** MySQL: asks for the log of all transactions that the set does not hold. */
export function dumpGtidCommand(serverId: number, set: MysqlGtidSet): Uint8Array {
  const encoded = set.encode();
  const body = Buffer.alloc(23 + encoded.length);
  body.writeUInt8(COM_BINLOG_DUMP_GTID, 0);
  body.writeUInt16LE(THROUGH_GTID, 1);
  body.writeUInt32LE(serverId, 3);
  // No file name.
  body.writeUInt32LE(FIRST_OFFSET, 11);
  body.writeUInt32LE(encoded.length, 19);
  body.set(encoded, 23);
  return packet(body);
}

function packet(body: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(4 + body.length);
  bytes.writeUIntLE(body.length, 0, 3);
  bytes.set(body, 4);
  return bytes;
}
