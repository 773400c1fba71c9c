import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { OldImage, Operation } from '../../../engine/change/operation.ts';
import { writeRefused } from '../../../engine/dispatch/refused-record.ts';
import { RowRecord } from '../../../engine/encode/row-record.ts';
import { RecordKind, type RefusedText, Row, RowFlag } from '../../../engine/ring/layout.ts';
import { Bench, letterRoute, schema } from './dispatching.ts';

const ROW = {
  error: new MillraceError('VALUE_INVALID', 'wrong'),
  operation: Operation.update,
  schemaId: 4,
  lsnHigh: 1,
  lsnLow: 2,
  oldImage: OldImage.full,
  oldStart: 2,
  oldEnd: 5,
  newStart: 5,
  newEnd: 9,
  cutFrom: null,
};
const FACTS = {
  xidHigh: 5,
  xid: 9,
  xoffset: 8,
  keyLength: 3,
  partition: 6,
  target: 7,
  key: Buffer.from('keykeykey'),
  flags: RowFlag.snapshot,
};
const TIMES = { commitMicrosHigh: 10, commitMicrosLow: 11, threadId: 0 };

/** Writes a row into an empty ring and reads its record. */
function written(bytes: Uint8Array, newEnd: number, recordBytesMax = 1 << 20) {
  const bench = new Bench(1, 65_536);
  const [ring, reader] = [bench.writers[0]!, bench.readers[0]!];
  const plan = bench.plan(schema(5, ['id'], [0]), letterRoute(1));
  const facts = { ...FACTS, ...TIMES, epoch: { slot: 3, rows: 12 } };
  assert.equal(writeRefused(ring, { ...ROW, bytes, newEnd }, plan, facts, recordBytesMax), 0);
  ring.publishTo(ring.position);
  reader.claim();
  assert.ok(reader.next());
  const record = new RowRecord();
  record.read(reader.bytes, reader.words, reader.record);
  const word = (field: number) => reader.words[(reader.record + field) >> 2]!;
  const part = (start: number, end: number) => Buffer.from(reader.bytes.slice(start, end)).toString();
  const text = JSON.parse(part(record.newEnd, record.newEnd + word(Row.sizeLimit))) as RefusedText;
  return { kind: reader.kind, record, word, part, text };
}

test('a refused row is laid out as a row, with its reason behind', () => {
  const { kind, record, word, part, text } = written(Buffer.from('..oldNEW!'), 9);
  assert.equal(kind, RecordKind.refused);
  assert.deepEqual(
    [record.operation, record.oldImage, record.flags, record.schemaId],
    [Operation.update, OldImage.full, RowFlag.snapshot, 4],
  );
  assert.deepEqual([part(record.oldStart - 3, record.oldStart), part(record.oldStart, record.newStart)], ['key', 'old']);
  assert.equal(part(record.newStart, record.newEnd), 'NEW!');
  assert.deepEqual(text, { code: 'VALUE_INVALID', message: 'wrong', key: null, cutFrom: null });
  const fields = [Row.topic, Row.partition, Row.target, Row.rowInEpoch, Row.epochAndTable, Row.xid, Row.xidHigh, Row.xoffset, Row.lsnLow];
  assert.deepEqual(fields.map(word), [0, 6, 7, 12, (3 << 16) | 5, 9, 5, 8, 2]);
});

test('one that is too long for any record goes as its beginning, and says how long it was', () => {
  const { record, part, text } = written(Buffer.alloc(300_000, 'x'), 300_000, 100_000);
  assert.equal(part(record.oldStart, record.newEnd), 'x'.repeat(65_536));
  assert.equal(text.cutFrom, 299_998);
});
