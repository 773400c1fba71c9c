import type { Lsn } from './lsn.ts';

/** Milliseconds from 1970 to 2000, where PostgreSQL's time begins. */
const EPOCH_MS = 946_684_800_000;
const STATUS_BYTES = 34;
const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
const TERMINATE = 0x58;
const QUERY = 0x51;
const STATUS = 0x72;

/** CopyDone: we end the stream. */
export const COPY_DONE_MESSAGE: Uint8Array = Buffer.from([COPY_DONE, 0, 0, 0, 4]);
/** Terminate: the connection is over. */
export const TERMINATE_MESSAGE: Uint8Array = Buffer.from([TERMINATE, 0, 0, 0, 4]);

/**
 * Standby status update (PostgreSQL manual 55.4): `r`, written u64, flushed u64, applied u64, time i64 (microseconds since 2000), reply u8.
 * The server lets go of all log before `flushed`: only what is delivered and stored may stand there.
 */
export function statusMessage(written: Lsn, flushed: Lsn, nowMs: number, wantsReply: boolean): Uint8Array {
  const message = Buffer.alloc(5 + STATUS_BYTES);
  message[0] = COPY_DATA;
  message.writeInt32BE(4 + STATUS_BYTES, 1);
  message[5] = STATUS;
  writeLsn(message, 6, written);
  writeLsn(message, 14, flushed);
  writeLsn(message, 22, flushed);
  message.writeBigInt64BE(BigInt(Math.trunc(nowMs) - EPOCH_MS) * 1000n, 30);
  message[38] = wantsReply ? 1 : 0;
  return message;
}

function writeLsn(message: Buffer, at: number, lsn: Lsn): void {
  message.writeUInt32BE(lsn.high, at);
  message.writeUInt32BE(lsn.low, at + 4);
}

/** A simple query. */
export function queryMessage(text: string): Uint8Array {
  const length = Buffer.byteLength(text);
  const message = Buffer.alloc(5 + length + 1);
  message[0] = QUERY;
  message.writeInt32BE(4 + length + 1, 1);
  message.write(text, 5);
  return message;
}
