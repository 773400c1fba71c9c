import assert from 'node:assert/strict';
import test from 'node:test';
import { OldImage, Operation } from '../../../engine/change/operation.ts';
import { failUnknownSchema, RowRecord } from '../../../engine/encode/row-record.ts';
import { RowFlag } from '../../../engine/ring/layout.ts';
import { rowImage, rowRecord } from '../../support/rows.ts';

test('the images lie behind the key, or behind the header when that is null', () => {
  for (const key of [undefined, '', '{"id":1}', 'x'.repeat(11)]) {
    const { bytes, words, record } = rowRecord(
      { operation: 'update', oldImage: 'full', old: ['a'], new: ['bc'], commit: true, schemaId: 3, ...(key === undefined ? {} : { key }) },
      16,
    );
    const row = new RowRecord();
    row.read(bytes, words, record);
    assert.deepEqual(
      [row.schemaId, row.operation, row.oldImage, row.flags, row.word],
      [3, Operation.update, OldImage.full, RowFlag.commit, 4],
    );
    assert.deepEqual(Buffer.from(row.input.bytes.slice(row.oldStart, row.newStart)), rowImage(['a']));
    assert.deepEqual(Buffer.from(row.input.bytes.slice(row.newStart, row.newEnd)), rowImage(['bc']));
  }
});

test('a schema that was never announced is a defect', () => {
  assert.throws(() => failUnknownSchema(9), { code: 'INTERNAL', message: /schema 9/ });
});
