import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodedRecord } from '../../../engine/encode/decoded-record.ts';
import { RowRecord } from '../../../engine/encode/row-record.ts';
import { RECORD_LENGTH, Row, ROW_HEADER_BYTES } from '../../../engine/ring/layout.ts';
import { doubling, invert, inverted } from '../../support/row-forms.ts';
import { rowImage, rowRecord, type TestRow } from '../../support/rows.ts';

const FACTS = { key: '{"id":7}', xid: 5_000_000_000n, xoffset: 3, commitMicros: 77n, lsn: 88n, schemaId: 9 } as const;

test('header and key are those of the record, and the images canonical ones behind them', () => {
  const rows: TestRow[] = [
    { ...FACTS, operation: 'update', oldImage: 'full', old: ['1', 'a'], new: ['2', null] },
    { ...FACTS, operation: 'insert', new: ['2', 'b'] },
    { operation: 'delete', oldImage: 'key', old: ['2', null], xid: null },
  ];
  const decoded = new DecodedRecord(1 << 20);
  for (const row of rows) {
    const inForm = (image: TestRow['old']) => (image === undefined ? undefined : invert(rowImage(image as string[])));
    const { old, new: now } = { old: inForm(row.old), new: inForm(row.new) };
    const raw = rowRecord({ ...row, ...(old === undefined ? {} : { old }), ...(now === undefined ? {} : { new: now }) }, 16);
    const canonical = rowRecord(row);
    decoded.decode(raw, inverted);
    // But for what pads it to a multiple of 8.
    const whole = new RowRecord();
    whole.read(canonical.bytes, canonical.words, canonical.record);
    assert.deepEqual(Buffer.from(decoded.bytes.slice(0, whole.newEnd)), Buffer.from(canonical.bytes.slice(0, whole.newEnd)));
    assert.equal(decoded.words.buffer, decoded.bytes.buffer);
  }
});

test('lengths are those of what was decoded, in memory that grows', () => {
  const decoded = new DecodedRecord(4_000_000);
  const raw = rowRecord({ ...FACTS, operation: 'insert', new: Buffer.alloc(1_000_000, 'x') });
  decoded.decode(raw, doubling);
  const row = new RowRecord();
  row.read(decoded.bytes, decoded.words, 0);
  assert.deepEqual([row.oldStart, row.newStart, row.newEnd - row.newStart], [ROW_HEADER_BYTES + 8, ROW_HEADER_BYTES + 8, 2_000_000]);
  assert.equal(Buffer.from(decoded.bytes.subarray(ROW_HEADER_BYTES, row.oldStart)).toString(), '{"id":7}');
  assert.ok(decoded.words[RECORD_LENGTH >> 2]! % 8 === 0 && decoded.words[RECORD_LENGTH >> 2]! >= row.newEnd);
  assert.equal(decoded.words[Row.xidHigh >> 2], 1);
  assert.throws(() => decoded.decode(rowRecord({ operation: 'insert', new: Buffer.alloc(2_000_000) }), doubling), {
    code: 'ROW_TOO_LARGE',
  });
});
