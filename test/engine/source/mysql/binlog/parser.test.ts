import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFlag, EventType } from '../../../../../engine/source/mysql/binlog/event-layout.ts';
import { image, LogWriter, rowsBody, SECONDS } from '../../../../support/binlog-events.ts';
import { opened, read } from '../../../../support/binlog-parsing.ts';
import { BinlogReader, binlogVectors, eventsOf, FILE, MAGIC } from '../../../../support/binlog-reader.ts';
import { BinlogSink } from '../../../../support/binlog-sink.ts';

const TIME = '2026-11-30T12:00:00.000000Z';

test('a committed transaction comes with xid, commit time, rows and the place behind it', () => {
  const log = opened().xid(0x1_0000_0007);
  const { sink, reader } = read(log);
  assert.deepEqual(sink.lines, [
    `begin 4294967303 ${TIME}`,
    'insert test.t new(1,a,null)',
    'insert test.t new(2,b,long)',
    `commit 7:${log.offset}`,
  ]);
  assert.deepEqual([reader.parser.file, reader.parser.offset, reader.parser.isOpen], [FILE, log.offset, false]);
  assert.deepEqual(reader.gtids, ['0-7-1']);
});

test('updates and deletes have whole old images', () => {
  const both = [[0xff], [0xff]];
  const log = new LogWriter().format().gtid(1).tableMap({});
  log.rows(EventType.updateRowsV1, rowsBody([image(1, 'a', 'x'), image(1, 'b', null)], both));
  log.rows(EventType.deleteRowsV1, rowsBody([image(1, 'b', null)])).xid(1);
  assert.deepEqual(read(log).sink.changes, ['update test.t old(1,a,x) new(1,b,null)', 'delete test.t old(1,b,null)']);
});

test('the rows of an event have its own time, and its own place', () => {
  const sink = new BinlogSink();
  sink.isVerbose = true;
  const log = new LogWriter().format().gtid(1).tableMap({});
  const first = log.offset;
  log.rows(EventType.writeRowsV1, rowsBody([image(1, 'a', null)]), { seconds: SECONDS - 9 });
  const second = log.offset;
  log.rows(EventType.writeRowsV1, rowsBody([image(2, 'b', null)]), { seconds: SECONDS - 5 }).xid(1);
  new BinlogReader(sink).read(log.bytes);
  assert.deepEqual(sink.lines.slice(1, -1), [
    'time 2026-11-30T11:59:51.000000Z',
    `insert test.t new(1,a,null) at 7:${first}`,
    'time 2026-11-30T11:59:55.000000Z',
    `insert test.t new(2,b,null) at 7:${second}`,
  ]);
});

test('who made a transaction is told where that is wanted', () => {
  const sink = new BinlogSink();
  sink.wantsOrigin = true;
  new BinlogReader(sink).read(opened().xid(1).bytes);
  assert.deepEqual(sink.lines[1], 'origin 0-7-1 7 0');
});

test('rows of a transaction that is not decided do not come out, nor those of one that was cut off', () => {
  const { sink, reader } = read(opened());
  assert.deepEqual(sink.lines, []);
  assert.equal(reader.parser.isOpen, true);
  reader.parser.reconnect(true);
  reader.read(opened().xid(1).bytes);
  assert.equal(sink.changes.length, 2);
});

test('where a connection goes on is never inside a transaction, whatever was read of it (bugs 3, 6, 7)', () => {
  const reader = new BinlogReader(new BinlogSink());
  const events = eventsOf(opened().xid(1).bytes);
  const offsets = events.map((event) => {
    reader.read(event);
    return reader.parser.offset;
  });
  const begin = MAGIC.length + events[0]!.length;
  const end = events.slice(1).reduce((sum, event) => sum + event.length, begin);
  assert.deepEqual(offsets, [begin, begin, begin, begin, end]);
});

test('a sink that is full gets each row once, however often it refuses', () => {
  const sink = new BinlogSink();
  const reader = new BinlogReader(sink);
  sink.refusals = 3;
  reader.read(opened().xid(1).bytes);
  assert.deepEqual(sink.changes, ['insert test.t new(1,a,null)', 'insert test.t new(2,b,long)']);
});

test('what was decided is given after the connection was lost too', () => {
  const sink = new BinlogSink();
  const reader = new BinlogReader(sink);
  sink.refusals = 1;
  const log = opened();
  reader.read(log.bytes);
  const commit = new LogWriter().xid(1).bytes;
  commit.writeUInt32LE(0, 13);
  const xid = log.bytes.length;
  log.xid(1);
  const last = log.bytes.subarray(xid);
  assert.equal(reader.parser.event(last, 0, last.length), false);
  assert.equal(reader.parser.sinkIsFull, true);
  reader.parser.reconnect(true);
  assert.equal(reader.parser.resume(), true);
  assert.deepEqual(sink.lines.at(-1), `commit 7:${log.offset}`);
});

test('rows of tables that are not selected, or that the sink does not want, do not come', () => {
  assert.deepEqual(read(opened().xid(1), { isSelected: () => false }).sink.lines, []);
  const sink = new BinlogSink();
  sink.unwanted.add('test.t');
  new BinlogReader(sink).read(opened().xid(1).bytes);
  assert.deepEqual(sink.changes, []);
});

test('images that leave columns out come with a layout of their own, whose table and version are the same', () => {
  const partial = Buffer.from([0b1111_1110, 1, 0, 0, 0]);
  const log = new LogWriter().format().gtid(1).tableMap({});
  log.rows(EventType.updateRowsV1, rowsBody([partial, Buffer.from([0b1111_1110, 1, 66])], [[0b001], [0b010]]));
  log.rows(EventType.writeRowsV1, rowsBody([image(2, 'b', null)])).xid(1);
  const { sink } = read(log);
  assert.deepEqual(sink.changes, ['update test.t old(1,~,~) new(~,B,~)', 'insert test.t new(2,b,null)']);
  const [first, second] = sink.schemas;
  assert.deepEqual([first!.tableId, first!.version], [second!.tableId, second!.version]);
  assert.notEqual(first!.id, second!.id);
});

test('a flipped bit anywhere in an event is found by its checksum', () => {
  const log = opened().xid(1).bytes;
  const start = new LogWriter().format().bytes.length;
  for (let bit = (start + 19) * 8; bit < log.length * 8; bit += 7) {
    const bytes = Buffer.from(log);
    // The header's length decides where an event ends.
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    assert.throws(() => new BinlogReader(new BinlogSink()).read(bytes), { code: /^BINLOG_(CHECKSUM|EVENT_INVALID)$/ }, `bit ${bit}`);
  }
});

test('a log without checksums is read too', () => {
  assert.equal(read(opened(new LogWriter(false).format()).xid(1)).sink.changes.length, 2);
});

test('the place goes on by lengths where events do not tell it (bug 30)', () => {
  const log = new LogWriter().format().gtid(1).event(EventType.annotateRows, Buffer.from('x'), { nextOffset: 0 });
  const rows = log.offset + new LogWriter().tableMap({}).bytes.length;
  log
    .tableMap({})
    .rows(EventType.writeRowsV1, rowsBody([image(1, 'a', null)]), { nextOffset: 0 })
    .xid(1);
  const sink = new BinlogSink();
  sink.isVerbose = true;
  new BinlogReader(sink).read(log.bytes);
  assert.ok(sink.lines.includes(`insert test.t new(1,a,null) at 7:${rows}`), sink.lines.join('\n'));
});

test('files follow one another by number, not by name (bug 31)', () => {
  const log = new LogWriter()
    .format()
    .rotate('binlog.999999', 4)
    .rotate('binlog.1000000', 4, { flags: EventFlag.artificial, nextOffset: 0 });
  const { reader, sink } = read(log);
  assert.deepEqual([reader.parser.file, reader.parser.offset], ['binlog.1000000', 4]);
  reader.parser.reportIdle();
  assert.deepEqual(sink.lines, ['idle 1000000:4']);
  reader.parser.reportIdle();
  assert.equal(sink.lines.length, 1);
});

test('what a server left open when it ended is dropped at the next file, and told', () => {
  const { sink, reader } = read(opened().rotate('binlog.000008', 4, { flags: EventFlag.artificial, nextOffset: 0 }));
  assert.deepEqual(sink.lines, []);
  assert.equal(reader.parser.isOpen, false);
  assert.match(reader.infos.join(), /ends in the middle/);
});

test('rows with another count of columns than described are an error, never a misread row (bug 32)', () => {
  const log = new LogWriter()
    .format()
    .gtid(1)
    .tableMap({})
    .rows(EventType.writeRowsV1, rowsBody([image(1, 'a', null)], [[0xff]], 2))
    .xid(1);
  assert.throws(() => read(log), { code: 'ROW_IMAGE_INVALID', message: /2 columns, and describes the table with 3/ });
});

test('rows that do not end with the event are an error', () => {
  for (const rest of [Buffer.from([0]), Buffer.from([0xf8, 1, 0]), Buffer.from([0xf8, 1, 0, 0, 0, 200])]) {
    const log = new LogWriter()
      .format()
      .gtid(1)
      .tableMap({})
      .rows(EventType.writeRowsV1, rowsBody([image(1, 'a', null), rest]))
      .xid(1);
    assert.throws(() => read(log), { code: 'ROW_IMAGE_INVALID' });
  }
});

test('events that are not supported are named, those that may be ignored are not (bug 25)', () => {
  const body = Buffer.alloc(40);
  body[0] = 5;
  for (const [type, name] of [
    [EventType.partialUpdateRows, /PARTIAL_JSON/],
    [EventType.gtidTagged, /GTID_TAGGED/],
    [EventType.partialRowData, /PARTIAL_ROW_DATA/],
    [99, /unknown/],
  ] as const) {
    const log = new LogWriter().format().gtid(1).tableMap({}).event(type, body);
    assert.throws(() => read(log), { code: 'BINLOG_EVENT_UNSUPPORTED', message: name });
  }
  read(new LogWriter().format().event(99, body, { flags: EventFlag.ignorable }));
  read(new LogWriter().format().gtid(1).tableMap({}).event(EventType.partialUpdateRows, body), { isSelected: () => false });
});

test('an INCIDENT ends the stream', () => {
  assert.throws(() => read(new LogWriter().format().event(EventType.incident, Buffer.from([1, 0, 0]))), { code: 'BINLOG_INCIDENT' });
});

test('events where they cannot come are an error', () => {
  const format = (): LogWriter => new LogWriter().format();
  for (const log of [
    format().rows(EventType.writeRowsV1, rowsBody([image(1, 'a', null)])),
    format()
      .tableMap({})
      .rows(EventType.writeRowsV1, rowsBody([image(1, 'a', null)])),
    format().gtid(1).gtid(2),
    format().xid(1),
    format().query('COMMIT'),
  ]) {
    assert.throws(() => read(log), { code: 'BINLOG_EVENT_INVALID' });
  }
});

test('heartbeats and what else says nothing of rows are passed over (bug 29)', () => {
  const log = new LogWriter().format();
  for (const type of [EventType.gtidList, EventType.binlogCheckpoint, EventType.startEncryption, EventType.previousGtids, EventType.stop]) {
    log.event(type, Buffer.alloc(8));
  }
  const { offset } = log;
  log.event(EventType.heartbeat, Buffer.from(FILE), { nextOffset: 4 }).event(EventType.heartbeatV2, Buffer.from([0]), { nextOffset: 4 });
  log.event(EventType.gtidList, Buffer.alloc(4), { flags: EventFlag.artificial, nextOffset: 0 });
  assert.equal(read(log).reader.parser.offset, offset);
});

test("MariaDB 10.11's own files give the rows that were written", () => {
  const files = binlogVectors('11-mariadb-binlog-fixtures');
  const changesOf = (name: string): string[] => {
    const sink = new BinlogSink();
    new BinlogReader(sink).readFile(files.get(name)!);
    return sink.changes;
  };
  assert.deepEqual(changesOf('row_metadata_simple_pk'), ['insert test.o2 new(1,2)']);
  assert.deepEqual(changesOf('row_metadata_same_charset'), ['insert test.o3 new(x,null,null,null,null,null)']);
  assert.equal(changesOf('row_metadata_FULL')[0]!.startsWith('insert test.o1 new(1,abc,null,'), true);
  assert.throws(() => changesOf('row_metadata_NO_LOG'), {
    code: 'BINLOG_METADATA_MISSING',
    message: /SET GLOBAL binlog_row_metadata = FULL/,
  });
});
