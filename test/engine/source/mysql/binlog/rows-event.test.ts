import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { EventType } from '../../../../../engine/source/mysql/binlog/event-layout.ts';
import { image, LogWriter } from '../../../../support/binlog-events.ts';
import { read } from '../../../../support/binlog-parsing.ts';

const BEFORE = image(1, 'a', 'note');
const AFTER = image(1, 'b', null);

/** What the events of each operation hold, and what comes of them. */
const OPERATIONS = [
  { operation: 'write', images: [AFTER], bitmaps: 1, change: 'insert test.t new(1,b,null)' },
  { operation: 'update', images: [BEFORE, AFTER], bitmaps: 2, change: 'update test.t old(1,a,note) new(1,b,null)' },
  { operation: 'delete', images: [BEFORE], bitmaps: 1, change: 'delete test.t old(1,a,note)' },
] as const;

/** Fields that version 2 has behind the flags: their length, itself included, and anything. */
const EXTRA = [Buffer.of(2, 0), Buffer.of(7, 0, 1, 0, 0, 0, 9)];

/** Table id, flags, what version 2 adds, the number of columns and the bitmaps. */
function head(extra: Uint8Array, bitmaps: number): Buffer {
  return Buffer.concat([Buffer.of(5, 0, 0, 0, 0, 0, 1, 0), extra, Buffer.of(3), Buffer.alloc(bitmaps, 0xff)]);
}

/** As MariaDB compresses rows: a mark with the bytes of the length, the length, zlib data. */
function compressed(rows: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x82, rows.length >> 8, rows.length & 0xff), deflateSync(rows)]);
}

for (const { operation, images, bitmaps, change } of OPERATIONS) {
  test(`${operation}: versions 1 and 2, compressed and not, hold the same row`, () => {
    const rows = Buffer.concat(images);
    const bodies: [type: number, body: Buffer][] = [
      [EventType[`${operation}RowsV1`], Buffer.concat([head(Buffer.alloc(0), bitmaps), rows])],
      [EventType[`${operation}RowsCompressedV1`], Buffer.concat([head(Buffer.alloc(0), bitmaps), compressed(rows)])],
    ];
    for (const extra of EXTRA) {
      bodies.push([EventType[`${operation}Rows`], Buffer.concat([head(extra, bitmaps), rows])]);
      bodies.push([EventType[`${operation}RowsCompressed`], Buffer.concat([head(extra, bitmaps), compressed(rows)])]);
    }
    for (const [type, body] of bodies) {
      const log = new LogWriter().format().gtid(1).tableMap({}).rows(type, body).xid(1);
      assert.deepEqual(read(log).sink.changes, [change], `type ${type}`);
    }
  });
}

test('a compressed statement is read as any other', () => {
  const sql = Buffer.from('INSERT INTO t VALUES (1)');
  const statement = Buffer.concat([Buffer.alloc(8), Buffer.of(4, 0, 0, 0, 0), Buffer.from('test\0'), compressed(sql)]);
  const log = new LogWriter().format().gtid(1).event(EventType.queryCompressed, statement);
  assert.throws(() => read(log), { code: 'BINLOG_STATEMENT_FORMAT', message: /rows of test\.t/ });
});
