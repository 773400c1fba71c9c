import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventType } from '../../../../../engine/source/mysql/binlog/event-layout.ts';
import { COLUMNS, image, LogWriter, rowsBody } from '../../../../support/binlog-events.ts';
import { BinlogReader, eventsOf } from '../../../../support/binlog-reader.ts';
import { BinlogSink } from '../../../../support/binlog-sink.ts';
import { read } from '../../../../support/binlog-parsing.ts';

const ROW = image(1, 'a', null);
/** More ids than are kept. */
const IDS = 4097;

test('a server that gives tables ever new ids costs no ever more memory: those of transactions that ended are forgotten', () => {
  const log = new LogWriter().format();
  for (let id = 1; id <= IDS; id++)
    log
      .gtid(id)
      .tableMap({ id })
      .rows(EventType.writeRowsV1, rowsBody([ROW], [[0xff]], 3, id))
      .xid(id);
  log.gtid(IDS + 1).tableMap({ id: 1 });
  log.rows(EventType.writeRowsV1, rowsBody([ROW], [[0xff]], 3, 1)).xid(IDS + 1);
  log
    .gtid(IDS + 2)
    .rows(EventType.writeRowsV1, rowsBody([ROW], [[0xff]], 3, 2))
    .xid(IDS + 2);
  const sink = new BinlogSink();
  const reader = new BinlogReader(sink);
  assert.throws(() => reader.read(log.bytes), { code: 'BINLOG_EVENT_INVALID', message: /rows of the table id 2, which was not described/ });
  assert.equal(sink.changes.length, IDS + 1, 'what is described again is known again');
});

test('however many tables one transaction is of, it has all of them to its end', () => {
  const log = new LogWriter().format().gtid(1);
  for (let id = 1; id <= IDS; id++) log.tableMap({ id });
  log.rows(EventType.writeRowsV1, rowsBody([ROW], [[0xff]], 3, 1)).xid(1);
  assert.equal(read(log).sink.changes.length, 1);
});

test('a description is remembered, not the memory that it came in', () => {
  const log = new LogWriter().format().gtid(1).tableMap({});
  log.tableMap({ columns: COLUMNS.map((column) => ({ ...column, name: column.name.toUpperCase() })) });
  log.rows(EventType.writeRowsV1, rowsBody([image(1, 'a', null)])).xid(1);
  const sink = new BinlogSink();
  const { parser } = new BinlogReader(sink);
  // As a socket has it that reads into the same memory again.
  const memory = Buffer.alloc(500);
  for (const event of eventsOf(log.bytes)) {
    memory.set(event);
    parser.event(memory, 0, event.length);
  }
  assert.deepEqual(
    sink.schemas.map(({ columns }) => columns.map(({ name }) => name).join()),
    ['ID,NAME,NOTE'],
  );
});
