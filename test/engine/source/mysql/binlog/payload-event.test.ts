import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFlag, EventType } from '../../../../../engine/source/mysql/binlog/event-layout.ts';
import { FarPlace } from '../../../../../engine/source/mysql/binlog/far-place.ts';
import { image, LogWriter, queryBody, rowsBody } from '../../../../support/binlog-events.ts';
import { read } from '../../../../support/binlog-parsing.ts';
import { addGtid, addPayload, payloadBody, payloadEvents, payloadLog } from '../../../../support/binlog-payloads.ts';
import { BinlogReader, eventsOf, FILE } from '../../../../support/binlog-reader.ts';
import { BinlogSink } from '../../../../support/binlog-sink.ts';
import { runsFrame } from '../../../../support/zstd-frames.ts';

const UUID = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';
const IDS = Array.from({ length: 300 }, (_, index) => index);

function readMysql(log: LogWriter, partBytes?: number): { sink: BinlogSink; reader: BinlogReader } {
  const sink = new BinlogSink();
  const reader = new BinlogReader(sink, { flavor: 'mysql', heldBytesMax: 100_000 });
  reader.read(log.bytes, partBytes);
  return { sink, reader };
}

function idsOf(sink: BinlogSink): number[] {
  return sink.changes.map((line) => Number(/\((\d+),/.exec(line)![1]));
}

test('a transaction that comes in parts of any size, larger than what is kept in memory, is given once it is whole', () => {
  for (const hasChecksum of [true, false]) {
    const log = addPayload(payloadLog(hasChecksum), payloadEvents(IDS, 3000).xid(9));
    addPayload(addGtid(log, 2), payloadEvents([1000]).xid(10));
    for (const partBytes of [undefined, 1_000_000, 65_536, 999]) {
      const { sink, reader } = readMysql(log, partBytes);
      assert.deepEqual(idsOf(sink), [...IDS, 1000], `by ${partBytes}`);
      assert.deepEqual(reader.gtids, [`${UUID}:1`, `${UUID}:2`]);
      assert.deepEqual([reader.parser.offset, reader.parser.isOpen], [log.offset, false]);
    }
  }
});

test('nothing leaves before the last byte of the checksum, and then the place is behind the event', () => {
  const log = addPayload(payloadLog(), payloadEvents(IDS, 30).xid(9));
  const sink = new BinlogSink();
  const reader = new BinlogReader(sink, { flavor: 'mysql' });
  const [format, gtid, payload] = eventsOf(log.bytes) as [Uint8Array, Uint8Array, Uint8Array];
  reader.read(Buffer.concat([format, gtid]));
  const begin = reader.parser.offset;
  const last = payload.length - 1;
  assert.ok(reader.parser.part(payload, 0, 200, false));
  assert.ok(reader.parser.part(payload, 200, last - 2, false));
  assert.ok(reader.parser.part(payload, last - 2, last, false));
  assert.deepEqual([sink.lines, reader.gtids, reader.parser.isOpen, reader.parser.offset], [[], [], true, begin]);
  assert.ok(reader.parser.part(payload, last, last + 1, true));
  assert.deepEqual([idsOf(sink), reader.parser.offset], [IDS, log.offset]);
});

test('the last part may be empty, as behind packets that are all full', () => {
  const log = addPayload(payloadLog(), payloadEvents([1]).xid(9));
  const { sink, reader } = readMysql(payloadLog());
  const [, , payload] = eventsOf(log.bytes) as [Uint8Array, Uint8Array, Uint8Array];
  assert.ok(reader.parser.part(payload, 0, payload.length, false));
  assert.deepEqual([sink.lines, reader.parser.isOpen], [[], true]);
  assert.ok(reader.parser.part(payload, 5, 5, true));
  assert.deepEqual([idsOf(sink), reader.parser.offset], [[1], log.offset]);
});

test('a flipped bit anywhere in a payload is found by the checksum, whatever it makes of the events', () => {
  const log = addPayload(payloadLog(), payloadEvents(IDS.slice(0, 8), 30).xid(9));
  const [, , payload] = eventsOf(log.bytes) as [Uint8Array, Uint8Array, Uint8Array];
  const start = log.bytes.length - payload.length;
  for (let bit = (start + 19) * 8; bit < log.offset * 8 - 32; bit += 5) {
    const bytes = Buffer.from(log.bytes);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const sink = new BinlogSink();
    assert.throws(() => new BinlogReader(sink, { flavor: 'mysql' }).read(bytes, 100), { code: 'BINLOG_CHECKSUM' }, `bit ${bit}`);
    assert.deepEqual(sink.lines, []);
  }
});

test('what is cut off by the end of a connection comes again, whole', () => {
  const log = addPayload(payloadLog(), payloadEvents(IDS, 3000).xid(9));
  const { sink, reader } = readMysql(new LogWriter().format('8.0.46'));
  const [, gtid, payload] = eventsOf(log.bytes) as [Uint8Array, Uint8Array, Uint8Array];
  reader.read(gtid);
  reader.parser.part(payload, 0, 500_000, false);
  reader.parser.reconnect(true);
  assert.equal(reader.parser.isOpen, false);
  reader.read(Buffer.concat([gtid, payload]), 10_000);
  assert.deepEqual(idsOf(sink), IDS);
});

test('what lies before a place that is hard to reach is passed over', () => {
  const log = addPayload(payloadLog(), payloadEvents(IDS, 30).xid(1));
  const { offset } = log;
  addPayload(addGtid(log, 2), payloadEvents([1000]).xid(2));
  const sink = new BinlogSink();
  const { parser, ...reader } = new BinlogReader(sink, { flavor: 'mysql' });
  parser.startAt(FILE, offset);
  parser.reconnect(true);
  parser.goOnAt(new FarPlace(FILE, offset, true));
  const begin = new LogWriter().rotate(FILE, 4, { flags: EventFlag.artificial, nextOffset: 0 });
  for (const event of eventsOf(Buffer.concat([begin.bytes, log.bytes]))) {
    if (event.length > 500) {
      parser.part(event, 0, 200, false);
      parser.part(event, 200, event.length, true);
    } else parser.event(event, 0, event.length);
  }
  assert.deepEqual([idsOf(sink), reader.gtids, parser.offset], [[1000], [`${UUID}:2`], log.offset]);
});

test('a payload decides nothing by itself where the commit comes behind it, and savepoints in it count', () => {
  const events = payloadEvents([1]).query('SAVEPOINT s');
  events.rows(EventType.writeRowsV1, rowsBody([image(2, 'gone', null)])).query('ROLLBACK TO s');
  events.rows(EventType.writeRowsV1, rowsBody([image(3, 'b', null)]));
  const log = addPayload(payloadLog(), events);
  assert.deepEqual(readMysql(log).sink.lines, []);
  assert.deepEqual(idsOf(readMysql(log.xid(5)).sink), [1, 3]);
  const committed = addPayload(payloadLog(), events.query('COMMIT'));
  assert.deepEqual(idsOf(readMysql(committed).sink), [1, 3]);
  assert.deepEqual(readMysql(addPayload(payloadLog(), payloadEvents([1]).query('ROLLBACK'))).sink.lines, []);
});

test('events that no payload has are an error by name, and nothing of the payload comes out', () => {
  const inner = (events: LogWriter): LogWriter => addPayload(payloadLog(), events);
  const more = () => payloadEvents([1]).xid(1);
  const table: readonly (readonly [string, LogWriter, RegExp])[] = [
    [
      'a second transaction',
      inner(payloadEvents([1]).xid(1).event(EventType.query, queryBody('BEGIN'))),
      /behind the end of its transaction/,
    ],
    ['a TRUNCATE in the middle', inner(payloadEvents([1]).query('TRUNCATE t').xid(1)), /behind the end of its transaction/],
    ['rows behind the commit', inner(more().rows(EventType.writeRowsV1, rowsBody([image(2, 'a', 'b')]))), /behind the end/],
    ['a payload in a payload', inner(addPayload(payloadEvents([1]), more()).xid(1)), /an event of type 40 in it/],
    ['a rotation', inner(payloadEvents([1]).rotate('binlog.000009', 4).xid(1)), /an event of type 4 in it/],
    ['the beginning of a file', inner(payloadEvents([1]).format().xid(1)), /an event of type 15 in it/],
    [
      'rows of no table',
      inner(
        payloadEvents([1])
          .rows(EventType.writeRowsV1, rowsBody([], [[0xff]], 3, 77))
          .xid(1),
      ),
      /table id 77/,
    ],
    ['no GTID in front', addPayload(new LogWriter().format('8.0.46'), more()), /outside of a transaction/],
  ];
  for (const [what, log, message] of table) {
    const sink = new BinlogSink();
    const reader = new BinlogReader(sink, { flavor: 'mysql' });
    assert.throws(() => reader.read(log.bytes, 150), { code: 'BINLOG_EVENT_INVALID', message }, what);
    assert.deepEqual(sink.changes, [], what);
  }
  assert.throws(() => read(addPayload(payloadLog(), more())), { code: 'BINLOG_EVENT_UNSUPPORTED' }, 'of MariaDB');
});

test('an event that is longer or shorter than its header says is an error at once', () => {
  const log = addPayload(payloadLog(), payloadEvents(IDS).xid(1));
  const [, , payload] = eventsOf(log.bytes) as [Uint8Array, Uint8Array, Uint8Array];
  for (const [length, isLast] of [
    [payload.length + 1, false],
    [payload.length - 1, true],
  ] as const) {
    const { reader } = readMysql(payloadLog());
    const bytes = Buffer.concat([payload, Buffer.of(0)]);
    assert.ok(reader.parser.part(bytes, 0, 200, false));
    assert.throws(() => reader.parser.part(bytes, 200, length, isLast), { code: 'BINLOG_EVENT_INVALID', message: /another length/ });
  }
});

test('few bytes that become many are read in turns, and a loss of the connection ends them', () => {
  // 1 GB of zeros, announced as events.
  const log = payloadLog().event(EventType.transactionPayload, payloadBody(runsFrame(0, 8192), 'zstd'));
  assert.throws(() => readMysql(log), { code: 'BINLOG_EVENT_INVALID', message: /0 bytes in it/ });
  const header = new LogWriter(false).event(EventType.rowsQuery, new Uint8Array(19 * 131_072 - 19)).bytes;
  const ignored = Buffer.concat(Array.from({ length: 4 }, () => header));
  const long = payloadLog().event(EventType.transactionPayload, payloadBody(ignored, 'none'));
  const { reader } = readMysql(payloadLog());
  const [, , payload] = eventsOf(long.bytes) as [Uint8Array, Uint8Array, Uint8Array];
  assert.equal(reader.parser.part(payload, 0, payload.length, true), false);
  assert.deepEqual([reader.parser.sinkIsFull, reader.parser.waitsForCatalogue], [false, false]);
  reader.parser.reconnect(true);
  assert.equal(reader.parser.resume(), true);
});
