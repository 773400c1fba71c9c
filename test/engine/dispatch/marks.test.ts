import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mark } from '../../../engine/change/snapshot.ts';
import { MARK_PARTITION } from '../../../engine/dispatch/marks.ts';
import { RowRecord } from '../../../engine/encode/row-record.ts';
import { RecordKind, Row, RowFlag } from '../../../engine/ring/layout.ts';
import { Bench, schema } from './dispatching.ts';

test('a mark goes to the first partition as part of the unit that was entered, under a key of the table', () => {
  const bench = new Bench(2, 65_536);
  const { dispatcher } = bench;
  dispatcher.schema(schema(1, ['id'], [0]));
  bench.units.set(4, { slot: 9, rows: 3 });
  dispatcher.enterUnit(4);
  assert.equal(dispatcher.marks.give(Mark.complete, 1), true);
  dispatcher.leaveUnit();
  dispatcher.flush();
  const reader = bench.readers[0]!;
  reader.claim();
  assert.deepEqual([reader.next(), reader.kind, reader.next(), reader.kind], [true, RecordKind.schema, true, RecordKind.mark]);
  const record = new RowRecord();
  record.read(reader.bytes, reader.words, reader.record);
  assert.deepEqual(
    [record.isMark, record.operation, record.schemaId, record.flags, record.newEnd - record.oldStart],
    [true, Mark.complete, 1, RowFlag.snapshot, 0],
  );
  const word = (field: number) => reader.words[(reader.record + field) >> 2]!;
  const fields = [Row.partition, Row.target, Row.rowInEpoch, Row.epochAndTable, Row.commitMicrosHigh, Row.commitMicrosLow, Row.xid];
  assert.deepEqual(fields.map(word), [MARK_PARTITION, 0, 3, (9 << 16) | 1, 1, 2, 0]);
  const key = Buffer.from(reader.bytes.slice(record.oldStart - word(Row.keyLength), record.oldStart)).toString();
  assert.equal(key, '{"database":"shop","table":"table_1"}');
  assert.deepEqual([bench.units.get(4)!.rows, dispatcher.targets.rows[0], reader.next()], [4, 1, false]);
});

test('a mark is refused the dispatcher is closed, before its plan, and without room', async () => {
  const bench = new Bench(1, 65_536);
  const { dispatcher } = bench;
  const table = schema(1, ['id'], [0]);
  let settle: (plan: ReturnType<Bench['plan']>) => void = () => undefined;
  bench.plans.set('table_1', new Promise((resolve) => (settle = resolve)));
  dispatcher.schema(table);
  bench.units.set(0, { slot: 9, rows: 0 });
  dispatcher.enterUnit(0);
  assert.equal(dispatcher.marks.give(Mark.start, 1), false, 'its topic is asked for');
  settle(bench.plan(table));
  await new Promise((resolve) => setImmediate(resolve));
  dispatcher.close();
  assert.equal(dispatcher.marks.give(Mark.start, 1), false, 'closed');
  dispatcher.open();
  while (bench.insert(1, ['x'.repeat(1000)]));
  while (dispatcher.marks.give(Mark.start, 1));
  const given = bench.units.get(0)!.rows;
  bench.read();
  assert.equal(dispatcher.marks.give(Mark.start, 1), true, 'room again');
  assert.equal(bench.units.get(0)!.rows, given + 1);
});
