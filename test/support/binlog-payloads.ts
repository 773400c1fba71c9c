import { EventType } from '../../engine/source/mysql/binlog/event-layout.ts';
import { image, LogWriter, queryBody, rowsBody } from './binlog-events.ts';
import { storedFrame } from './zstd-frames.ts';

/** The body of a TRANSACTION_PAYLOAD event with this payload, as a server of MySQL writes it. */
export function payloadBody(payload: Uint8Array, compression: 'zstd' | 'none'): Buffer {
  const size = Buffer.alloc(9);
  size[0] = 0xfe;
  size.writeBigUInt64LE(BigInt(payload.length), 1);
  const how = compression === 'zstd' ? [0] : [0xfc, 0xff, 0];
  return Buffer.concat([Buffer.of(2, how.length, ...how, 3, 1, 1, 1, size.length), size, Buffer.of(0), payload]);
}

/** A log of MySQL that begins with a transaction; a payload is to follow. */
export function payloadLog(hasChecksum = true): LogWriter {
  return addGtid(new LogWriter(hasChecksum).format('8.0.46'), 1);
}

/** Begins the next transaction. */
export function addGtid(log: LogWriter, number: number): LogWriter {
  const body = Buffer.alloc(1 + 16 + 8 + 17);
  body.fill(0xaa, 1, 17);
  body.writeBigUInt64LE(BigInt(number), 17);
  return log.event(EventType.gtid, body);
}

/** The events of a payload, which have no checksums: BEGIN, and rows with these ids and notes of so many bytes. */
export function payloadEvents(ids: readonly number[], noteBytes = 1): LogWriter {
  const events = new LogWriter(false).event(EventType.query, queryBody('BEGIN')).tableMap({});
  for (const id of ids) events.rows(EventType.writeRowsV1, rowsBody([image(id, 'a', 'x'.repeat(noteBytes))]));
  return events;
}

/** Adds the event that holds such events, compressed. */
export function addPayload(log: LogWriter, events: LogWriter): LogWriter {
  return log.event(EventType.transactionPayload, payloadBody(storedFrame(events.bytes), 'zstd'));
}
