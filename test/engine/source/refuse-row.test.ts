import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { OldImage, Operation } from '../../../engine/change/operation.ts';
import { refuseRow } from '../../../engine/source/refuse-row.ts';
import { RecordingSink } from '../../support/recording-sink.ts';
import { rowImage, tableSchema } from '../../support/rows.ts';

const bytes = rowImage(['1']);
const ROW = {
  operation: Operation.insert,
  schemaId: 1,
  lsnHigh: 0,
  lsnLow: 1,
  bytes,
  oldImage: OldImage.none,
  oldStart: 0,
  oldEnd: 0,
  newStart: 0,
  newEnd: bytes.length,
  cutFrom: null,
};

test('an error ends the stream where no dead letters are taken, where no row is told, and where it is none of ours', () => {
  const sink = new RecordingSink();
  sink.schema(tableSchema([{ name: 'id', kind: 'int' }], ['id']));
  const error = new MillraceError('KEY_TOO_LARGE', 'long');
  assert.throws(() => refuseRow(sink, error, ROW), error);
  sink.takesRefused = true;
  assert.throws(() => refuseRow(sink, error, null), error);
  const defect = new TypeError('a defect');
  assert.throws(() => refuseRow(sink, defect, ROW), defect);
  sink.refusals = 1;
  assert.equal(refuseRow(sink, error, ROW), false);
  assert.equal(refuseRow(sink, error, ROW), true);
  assert.equal(sink.refusedRows.length, 1);
});
