import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CopyUnit } from '../../../../../engine/source/postgres/copy/plan.ts';
import { UnitTaker } from '../../../../../engine/source/postgres/copy/taker.ts';
import { RecordingCopySink } from '../../../../support/recording-copy-sink.ts';
import { tableSchema } from '../../../../support/rows.ts';

function bench(isUnconverted = false) {
  const sink = new RecordingCopySink();
  const schema = tableSchema(
    [
      { name: 'id', kind: 'int' },
      { name: 'v', kind: 'text' },
    ],
    ['id'],
  );
  sink.schema(schema);
  const unit: CopyUnit = { unit: 4, tableOid: 1, name: 'public.t', schema, rows: ROWS };
  return { sink, taker: new UnitTaker(unit, { sink, lsn: { high: 1, low: 2 }, lineBytesMax: 100, isUnconverted }) };
}

/** What a taker does not look at. */
const ROWS: CopyUnit['rows'] = {
  part: { oid: 1, schema: 'public', table: 't', kind: 'r', bytes: 0, pages: 0, heapPages: 0, rows: 0 },
  columns: ['id', 'v'],
  filter: null,
  range: { key: ['id'], from: null, to: null },
};

const lineOf = (text: string | Uint8Array): [Uint8Array, number, number] => {
  const bytes = Buffer.from(text as Uint8Array);
  return [bytes, 0, bytes.length];
};

test('a line is an insert at the place of the snapshot; one that is refused comes again', () => {
  const { sink, taker } = bench();
  assert.equal(taker.enter(), true);
  sink.refusals = 1;
  assert.equal(taker.line(...lineOf('1\tx\n')), false);
  assert.equal(taker.line(...lineOf('1\tx\n')), true);
  taker.flush();
  assert.deepEqual([sink.lines.length, sink.rowLsns, sink.flushes, taker.rows], [2, ['1/2'], 1, 1]);
});

test('a line that is refused is read but once, and the next one anew', () => {
  const { sink, taker } = bench();
  sink.refusals = 2;
  const line = Buffer.from('1\tx\n');
  assert.equal(taker.line(line, 0, line.length), false);
  // Nothing of it is looked at again: with these bytes it would be malformed.
  line.fill(0);
  assert.equal(taker.line(line, 0, line.length), false);
  assert.equal(taker.line(line, 0, line.length), true);
  assert.equal(taker.line(...lineOf('2\ty\n')), true);
  assert.equal(taker.rows, 2);
  assert.throws(() => taker.line(line, 0, line.length), { code: 'COPY_MALFORMED' });
});

test('bytes of a database without a character set must be UTF-8', () => {
  const latin = Buffer.from('1\tgr\xf6\xdfe\n', 'latin1');
  assert.throws(() => bench(true).taker.line(...lineOf(latin)), { code: 'TEXT_NOT_UTF8', message: /public\.t/ });
  assert.equal(bench(true).taker.line(...lineOf('1\tgröße\n')), true);
});

test('where dead letters are taken, such a row is one, and so is one that is too long: refused, they come again', () => {
  const { sink, taker } = bench(true);
  sink.takesRefused = true;
  sink.refusals = 1;
  const latin = Buffer.from('1\tgr\xf6\xdfe\n', 'latin1');
  assert.equal(taker.line(...lineOf(latin)), false);
  assert.equal(taker.line(...lineOf(latin)), true);
  assert.equal(taker.line(...lineOf('2\tgröße\n')), true);
  taker.beginOversize(1000);
  taker.oversizePiece(Buffer.from('..3\tlo'), 2, 6);
  taker.oversizePiece(Buffer.from('ng\n'), 0, 3);
  sink.refusals = 1;
  assert.equal(taker.endOversize(), false);
  assert.equal(taker.endOversize(), true);
  assert.equal(taker.line(...lineOf('4\tx\n')), true);
  assert.deepEqual(
    sink.lines.map((line) => line.replace(/ new.*/, '')),
    ['refused TEXT_NOT_UTF8 insert public.tx', 'insert public.tx', 'refused ROW_TOO_LARGE insert public.tx', 'insert public.tx'],
  );
  const [wrong, long] = sink.refusedRows;
  assert.deepEqual([wrong!.cutFrom, wrong!.bytes.at(-1), wrong!.lsnLow], [null, 'e'.charCodeAt(0), 2]);
  assert.deepEqual([long!.cutFrom, Buffer.from(long!.bytes).toString()], [1000, '3\tlong\n']);
  assert.equal(taker.rows, 4);
});

test('the server refuses for reasons of tables, not of slots', () => {
  const { taker } = bench();
  const fields = { message: 'no', detail: null, hint: null, routine: null, context: null };
  const codes = ['42501', '42P01', '55000', '57P01', '53300'].map((code) => taker.fail({ ...fields, code }).code);
  assert.deepEqual(codes, ['TABLE_PRIVILEGE', 'SNAPSHOT_REFUSED', 'SNAPSHOT_REFUSED', 'CONNECTION_LOST', 'CONNECTIONS_EXHAUSTED']);
  assert.throws(() => taker.beginOversize(200), { code: 'ROW_TOO_LARGE' });
});
