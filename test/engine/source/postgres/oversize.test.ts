import assert from 'node:assert/strict';
import test from 'node:test';
import { OversizeScanner } from '../../../../engine/source/postgres/oversize.ts';
import { insert, message, relation, remove, update, xlogData, begin, commit, u64, text, u32 } from '../../../support/pgoutput-frames.ts';
import { StreamReader } from '../../../support/pgoutput-reader.ts';
import { tableSchema, type ImageValue } from '../../../support/rows.ts';

const SCHEMA = tableSchema(
  [
    { name: 'big', kind: 'text' },
    { name: 'b', kind: 'int' },
    { name: 'a', kind: 'text' },
  ],
  ['a', 'b'],
);
const TABLE = { name: 'public.tx', schema: SCHEMA, schemaId: 1, columnCount: 3, signal: null };
const BIG = 'x'.repeat(500);

function scan(frame: Buffer, cut: number): OversizeScanner {
  const body = frame.subarray(5);
  const scanner = new OversizeScanner({ length: body.length, limit: 100, tableOf: (id) => (id === 9 ? TABLE : undefined) });
  const bytes = Buffer.concat([Buffer.from('before'), body, Buffer.from('after')]);
  const end = 6 + body.length;
  scanner.piece(bytes, 6, Math.min(6 + cut, end));
  for (let at = 6 + cut; at < end; at += 50) scanner.piece(bytes, at, Math.min(at + 50, end));
  return scanner;
}

test('table, key, place and size are found wherever the pieces are cut', () => {
  const values: ImageValue[] = [BIG, '17', 'käy'];
  const frames = [insert(0x1_0000_00ffn, 9, values), update(0x1_0000_00ffn, 9, values), remove(0x1_0000_00ffn, 9, 'O', values)];
  for (const frame of frames) {
    for (let cut = 0; cut < frame.length - 5; cut++) {
      const scanner = scan(frame, cut);
      assert.ok(scanner.isRow);
      const error = scanner.error(42);
      assert.equal(error.code, 'ROW_TOO_LARGE');
      assert.deepEqual(error.details, {
        table: 'public.tx',
        key: 'b 17, a käy',
        lsn: '1/FF',
        xid: 42,
        bytes: frame.length - 5,
        limit: 100,
      });
      assert.match(error.message, /MILLRACE_MEMORY to at least \d+.*MILLRACE_TABLES/);
    }
  }
});

test('a long key is cut short and a null one left out', () => {
  const error = scan(insert(1n, 9, [BIG, null, 'k'.repeat(10_000)]), 0).error(1);
  assert.equal(error.details['key'], `a ${'k'.repeat(200)}`);
});

test('an update that changes its key is named by the key that it had', () => {
  assert.equal(scan(update(1n, 9, [BIG, '2', 'new'], ['K', [null, '1', 'old']]), 3).error(1).details['key'], 'b 1, a old');
});

test('a row of a table that was not described still has its place', () => {
  const error = scan(insert(5n, 8, [BIG]), 0).error(1);
  assert.deepEqual([error.details['table'], error.details['key'], error.details['lsn']], ['an unknown table', null, '0/5']);
});

/** As `StreamReader` sees it, with the limit of 300 bytes. */
function readLarge(...rows: readonly Buffer[]): StreamReader {
  const reader = StreamReader.recording(300);
  const describe = relation(1n, { id: 9, schema: 'public', table: 'tx', columns: [['*a'], ['big']] });
  reader.read(begin(1n, 900n, 7), describe, ...rows, commit(900n, 900n, 908n));
  return reader;
}

test('the stream ends in the named error, after the rows before it', () => {
  const small = insert(2n, 9, ['1', 'y']);
  assert.throws(() => readLarge(small, insert(3n, 9, ['2', BIG])), {
    code: 'ROW_TOO_LARGE',
    message: /public\.tx \(a 2\).*0\/3 in transaction 7/,
  });
});

test('a large row that is not wanted is passed over, and counted for a reconnect', () => {
  const reader = StreamReader.recording(300);
  reader.sink.unwanted.add('public.tx');
  const other = relation(1n, { id: 10, schema: 'public', table: 'u', columns: [['*a']] });
  const whole = [begin(1n, 900n, 7), relation(1n, { id: 9, schema: 'public', table: 'tx', columns: [['*a'], ['big']] }), other];
  whole.push(insert(2n, 9, ['1', BIG]), insert(3n, 10, ['1']), insert(4n, 9, ['2', BIG]), insert(5n, 10, ['2']), commit(900n, 900n, 908n));
  reader.read(...whole.slice(0, 6));
  reader.reconnect();
  reader.read(...whole);
  assert.deepEqual(reader.sink.changes, ['insert public.u new(1)', 'insert public.u new(2)']);
});

test('a large logical message is passed over; anything else so large is no pgoutput', () => {
  const logical = xlogData(2n, Buffer.from('M\0'), u64(2n), text('prefix'), u32(BIG.length), Buffer.from(BIG));
  assert.deepEqual(readLarge(logical).sink.changes, []);
  assert.throws(() => readLarge(xlogData(2n, Buffer.from('R'), Buffer.from(BIG))), { code: 'STREAM_PROTOCOL' });
  assert.throws(() => readLarge(message('d', Buffer.from(`k${BIG}`))), { code: 'STREAM_PROTOCOL' });
});
