import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { MillraceError } from '../../engine/base/errors.ts';
import { EventType } from '../../engine/source/mysql/binlog/event-layout.ts';
import type { Flavor } from '../../engine/source/mysql/url.ts';
import { image, LogWriter, rowsBody } from '../support/binlog-events.ts';
import { addPayload, payloadBody, payloadEvents, payloadLog } from '../support/binlog-payloads.ts';
import { BinlogReader, binlogVectors, eventsOf, MAGIC } from '../support/binlog-reader.ts';
import { DigestSink } from '../support/digest-sink.ts';
import { runsFrame, storedFrame } from '../support/zstd-frames.ts';

const RUNS = 1_000;
/** What bytes that may be anything can end in. */
const NAMED = /^(BINLOG_\w+|SCHEMA_UNKNOWN|ROW_IMAGE_INVALID|COMPRESSED_DATA_INVALID|EVENT_TOO_LARGE)$/;

/** Logs with all that the parser reads. */
function logs(): Uint8Array[] {
  const files = [...binlogVectors('07-binlog-variants').values(), ...binlogVectors('11-mariadb-binlog-fixtures').values()];
  const both = [[0xff], [0xff]];
  const own = new LogWriter().format().gtid(1).tableMap({}).query('SAVEPOINT s');
  own.rows(EventType.writeRowsV1, rowsBody([image(1, 'a', 'note'), image(2, null, 'x')])).query('ROLLBACK TO s');
  own.rows(EventType.updateRowsV1, rowsBody([image(1, 'a', null), image(1, 'b', 'y')], both));
  own.rows(EventType.updateRowsV1, rowsBody([Buffer.from([0xfe, 1, 0, 0, 0]), Buffer.from([0xfe, 1, 66])], [[0b001], [0b010]]));
  own.xid(1).query('TRUNCATE t').rotate('binlog.000008', 4);
  return [...files.map((bytes) => bytes.subarray(MAGIC.length)), own.bytes];
}

/** Compressed transactions of MySQL. */
function payloadLogs(): Uint8Array[] {
  const events = payloadEvents([1, 2, 3], 50).query('SAVEPOINT s');
  events
    .rows(EventType.writeRowsV1, rowsBody([image(4, 'a', 'note')]))
    .query('ROLLBACK TO s')
    .xid(9);
  const stored = addPayload(payloadLog(), events);
  const plain = payloadLog().event(EventType.transactionPayload, payloadBody(events.bytes, 'none'));
  const runs = Buffer.concat([storedFrame(events.bytes), runsFrame(0x21, 2)]);
  const blown = payloadLog(false).event(EventType.transactionPayload, payloadBody(runs, 'zstd'));
  const nested = addPayload(payloadLog(), addPayload(payloadEvents([1]), events));
  return [stored, plain, blown, nested].map(({ bytes }) => bytes);
}

interface Reading {
  readonly flavor?: Flavor;
  readonly partBytes?: number;
}

/** Reads what may be anything: named errors are fine, all others and a call beyond the memory are not. */
function survives(bytes: Uint8Array, { flavor = 'mariadb', partBytes }: Reading = {}): void {
  const reader = new BinlogReader(new DigestSink(), { flavor, eventBytesMax: 1_000_000, heldBytesMax: 10_000 });
  try {
    reader.read(bytes, partBytes);
  } catch (error) {
    assert.ok(error instanceof MillraceError && NAMED.test(error.code), String(error));
  } finally {
    reader.parser.close();
  }
}

/** The checksum of each event made right again, so that what lies behind it is reached. */
function summed(bytes: Uint8Array): Uint8Array {
  for (const event of eventsOf(bytes)) {
    if (event.length < 23) continue;
    const view = new DataView(event.buffer, event.byteOffset, event.byteLength);
    view.setUint32(event.length - 4, crc32(event.subarray(0, event.length - 4)), true);
  }
  return bytes;
}

const some = fc.constantFrom(...logs());

test('changed bytes give a named error or other rows, with the right checksums too', () => {
  const changes = fc.array(fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(some, changes, fc.boolean(), (log, each, isSummed) => {
      const bytes = Uint8Array.from(log);
      for (const { at, to } of each) bytes[at % bytes.length] = to;
      survives(isSummed ? summed(bytes) : bytes);
    }),
    { numRuns: RUNS },
  );
});

test('changed bytes of a compressed transaction, in parts of any size, give a named error or other rows', () => {
  const changes = fc.array(fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 4 });
  const compressed = fc.constantFrom(...payloadLogs());
  fc.assert(
    fc.property(compressed, changes, fc.boolean(), fc.integer({ min: 1, max: 300 }), (log, each, isSummed, partBytes) => {
      const bytes = Uint8Array.from(log);
      for (const { at, to } of each) bytes[at % bytes.length] = to;
      survives(isSummed ? summed(bytes) : bytes, { flavor: 'mysql', partBytes });
    }),
    { numRuns: RUNS * 2 },
  );
});

test('payloads of any bytes give a named error or nothing', () => {
  const frames = fc.array(fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.boolean()), { maxLength: 4 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), frames, fc.nat(40), (head, pieces, cut) => {
      const payload = Buffer.concat(pieces.map(([bytes, isRun]) => (isRun ? runsFrame(bytes[0] ?? 0, 2) : storedFrame(bytes))));
      for (const body of [Buffer.concat([head, payload]), payloadBody(payload.subarray(cut), 'zstd')]) {
        survives(payloadLog().event(EventType.transactionPayload, body).bytes, { flavor: 'mysql', partBytes: 50 });
      }
    }),
    { numRuns: RUNS },
  );
});

test('events that are cut short, doubled or left out give a named error or other rows', () => {
  fc.assert(
    fc.property(some, fc.nat(), fc.nat(), fc.constantFrom('cut', 'double', 'drop'), (log, which, by, how) => {
      const events: Uint8Array[] = eventsOf(log).map((event) => Uint8Array.from(event));
      const index = which % events.length;
      const event = events[index]!;
      if (how === 'double') events.splice(index, 0, event);
      else if (how === 'drop') events.splice(index, 1);
      else {
        const cut = event.slice(0, Math.max(19, event.length - (by % event.length)));
        new DataView(cut.buffer).setUint32(9, cut.length, true);
        events[index] = summed(cut);
      }
      survives(Buffer.concat(events));
    }),
    { numRuns: RUNS },
  );
});

test('bodies of any bytes, of every type, give a named error or nothing', () => {
  const type = fc.oneof(fc.constantFrom(...Object.values(EventType)), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(type, fc.uint8Array({ maxLength: 200 }), fc.boolean(), (code, body, isOpen) => {
      const log = new LogWriter().format();
      if (isOpen) log.gtid(1).tableMap({});
      survives(log.event(code, body).bytes);
    }),
    { numRuns: RUNS * 3 },
  );
});

test('an event that announces more than it has brings no such memory into being', () => {
  // A compressed record of 4 GB in ten bytes, and a table of 2^48 columns.
  const record = Buffer.concat([rowsBody([], [[0xff]]), Buffer.from([0x84, 0xff, 0xff, 0xff, 0xff, 0x78, 0x9c, 3, 0])]);
  const columns = Buffer.from([5, 0, 0, 0, 0, 0, 1, 0, 1, 0x61, 0, 1, 0x62, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]);
  const before = process.memoryUsage().rss;
  survives(new LogWriter().format().gtid(1).tableMap({}).event(EventType.writeRowsCompressedV1, record).xid(1).bytes);
  survives(new LogWriter().format().event(EventType.tableMap, columns).bytes);
  // 2 GB of one byte in 60 kB, which would be events of 500 MB, and runs behind an event of nearly 1 MB.
  survives(payloadLog().event(EventType.transactionPayload, payloadBody(runsFrame(0x1e, 16_000), 'zstd')).bytes, { flavor: 'mysql' });
  const endless = Buffer.concat([storedFrame(new LogWriter(false).event(0x1d, Buffer.alloc(990_000)).bytes), runsFrame(0, 400)]);
  survives(payloadLog().event(EventType.transactionPayload, payloadBody(endless, 'zstd')).bytes, { flavor: 'mysql', partBytes: 100 });
  assert.ok(process.memoryUsage().rss - before < 200_000_000);
});
