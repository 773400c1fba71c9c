import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLetterRow } from '../../../engine/change/letter-row.ts';
import { letterRow } from '../dead-letters/samples.ts';

test('a row of a letter is read as it was told', () => {
  const row = letterRow({ xid: 4_000_000_000, xidHigh: 7, hasXid: false });
  assert.deepEqual(parseLetterRow(JSON.stringify(row)), row);
});

test('a row of an earlier version has an xid of 32 bits, canonical images and an LSN', () => {
  const { xidHigh: _, hasXid: __, schema, ...told } = letterRow({ xid: 4_000_000_000 });
  const { form: ___, logName: ____, ...columns } = schema;
  const row = parseLetterRow(JSON.stringify({ ...told, schema: columns }));
  assert.deepEqual(row, letterRow({ xid: 4_000_000_000, xidHigh: -1 }));
});
