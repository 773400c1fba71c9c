import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFlag, EventType } from '../../../../../engine/source/mysql/binlog/event-layout.ts';
import { FarPlace } from '../../../../../engine/source/mysql/binlog/far-place.ts';
import { image, LogWriter, rowsBody } from '../../../../support/binlog-events.ts';
import { BinlogReader, FILE } from '../../../../support/binlog-reader.ts';
import { BinlogSink } from '../../../../support/binlog-sink.ts';

/** A transaction of one row, in the middle of which so many bytes are left out, less than 4 GB each. */
function transaction(log: LogWriter, id: number, ...leftOut: readonly number[]): LogWriter {
  log.gtid(id).tableMap({});
  for (const bytes of leftOut) log.leaveOut(bytes).query('SAVEPOINT s');
  return log.rows(EventType.writeRowsV1, rowsBody([image(id, 'a', null)])).xid(id);
}

/** The beginning of a file, and a transaction that ends beyond its first 8 GB. */
function farLog(): LogWriter {
  return transaction(new LogWriter().format(), 1, 4e9, 4e9, 2e9);
}

/** A parser that has read the log up to an offset, and whose next connection goes on there. */
function goingOn(offset: number, isByFile: boolean): { reader: BinlogReader; sink: BinlogSink } {
  const sink = new BinlogSink();
  const reader = new BinlogReader(sink);
  reader.parser.startAt(FILE, offset);
  reader.parser.reconnect(true);
  reader.parser.goOnAt(new FarPlace(FILE, offset, isByFile));
  reader.read(new LogWriter().rotate(FILE, 4, { flags: EventFlag.artificial, nextOffset: 0 }).bytes);
  return { reader, sink };
}

test('offsets are whole as they are read, however large the transaction', () => {
  const log = farLog();
  assert.ok(log.offset > 2 ** 33);
  const sink = new BinlogSink();
  const reader = new BinlogReader(sink);
  reader.read(log.bytes);
  assert.equal(sink.lines.at(-1), `commit 7:${log.offset}`);
  assert.equal(reader.parser.offset, log.offset);
});

test('by file: the log comes from the beginning, and what lies before the place is passed over', () => {
  const log = farLog();
  const { reader, sink } = goingOn(log.offset, true);
  transaction(log, 2);
  reader.read(log.bytes);
  assert.deepEqual(sink.changes, ['insert test.t new(2,a,null)']);
  assert.equal(sink.lines.at(-1), `commit 7:${log.offset}`);
  assert.deepEqual(reader.gtids, ['0-7-2']);
});

test('by file: a place at which nothing begins, or that the file does not reach, is an error and no skip', () => {
  const inside = farLog();
  assert.throws(() => goingOn(inside.offset - 10, true).reader.read(inside.bytes), {
    code: 'BINLOG_EVENT_INVALID',
    message: /nothing begins/,
  });
  const log = farLog();
  const { reader } = goingOn(log.offset + 100, true);
  assert.throws(() => reader.read(log.rotate('binlog.000008', 4).bytes), { code: 'BINLOG_EVENT_INVALID', message: /nothing begins/ });
});

test('by GTIDs: the server passes over it, and the first transaction that comes has the place behind', () => {
  const { offset } = farLog();
  const { reader, sink } = goingOn(offset, false);
  const head = new LogWriter().format();
  const rest = transaction(transaction(new LogWriter().leaveOut(offset - 4), 2), 3);
  reader.read(Buffer.concat([head.bytes, rest.bytes]));
  assert.deepEqual(sink.changes, ['insert test.t new(2,a,null)', 'insert test.t new(3,a,null)']);
  assert.equal(sink.lines.at(-1), `commit 7:${rest.offset}`);
});

test('by GTIDs: nothing is left of the file, and the next one is read from its beginning', () => {
  const { offset } = farLog();
  const { reader, sink } = goingOn(offset, false);
  const next = transaction(new LogWriter().format(), 2);
  const turn = new LogWriter().rotate('binlog.000008', 4, { flags: EventFlag.artificial, nextOffset: 0 });
  reader.read(Buffer.concat([turn.bytes, next.bytes]));
  assert.equal(sink.lines.at(-1), `commit 8:${next.offset}`);
});
