import { ORDERS_SCHEMA, orderImages } from './orders-rows.ts';

/** Any oid and LSN serve; a bound table needs no catalogue here. */
const RELATION_ID = 16_385;
const LSN = 0x1_0000_0000n;
const XID = 800;

/**
 * One transaction of `rows` inserts into `orders` as the server sends it: CopyData messages (PostgreSQL manual 55.7) that hold XLogData
 * (55.4) that holds pgoutput's messages (55.9). May be read again and again.
 */
export function ordersStream(rows: number): Buffer {
  const images = orderImages(rows);
  const insertHead = Buffer.concat([Buffer.from('I'), u32(RELATION_ID), Buffer.from('N')]);
  const inserts = Array.from({ length: rows }, (_, row) => {
    return copyData(Buffer.concat([insertHead, images.bytes.subarray(images.starts[row], images.starts[row + 1])]));
  });
  return Buffer.concat([copyData(begin()), copyData(relation()), ...inserts, copyData(commit())]);
}

function begin(): Buffer {
  return Buffer.concat([Buffer.from('B'), u64(LSN), u64(0n), u32(XID)]);
}

function commit(): Buffer {
  return Buffer.concat([Buffer.from('C\0'), u64(LSN), u64(LSN + 8n), u64(0n)]);
}

function relation(): Buffer {
  const { schema, table, columns } = ORDERS_SCHEMA;
  const head = Buffer.concat([Buffer.from('R'), u32(RELATION_ID), Buffer.from(`${schema}\0${table}\0d`), u16(columns.length)]);
  const described = columns.map((column) => {
    return Buffer.concat([Buffer.from([column.keyPosition === 0 ? 1 : 0]), Buffer.from(`${column.name}\0`), u32(25), u32(0xffff_ffff)]);
  });
  return Buffer.concat([head, ...described]);
}

function copyData(body: Buffer): Buffer {
  const xlogData = Buffer.concat([Buffer.from('w'), u64(LSN), u64(LSN), u64(0n), body]);
  return Buffer.concat([Buffer.from('d'), u32(4 + xlogData.length), xlogData]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
