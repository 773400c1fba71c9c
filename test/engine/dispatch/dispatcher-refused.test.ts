import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Operation } from '../../../engine/change/operation.ts';
import { RecordKind } from '../../../engine/ring/layout.ts';
import { MillraceError } from '../../../engine/base/errors.ts';
import { Bench, letterRoute, schema } from './dispatching.ts';

test('a row that cannot be given its key or partition stops the stream, or goes on as refused where dead letters are taken', () => {
  const bench = new Bench(2, 65_536);
  const table = schema(1, ['id'], [0]);
  bench.dispatcher.schema(table);
  bench.dispatcher.begin(0, 1, 0, 0);
  assert.throws(() => bench.insert(1, ['x'.repeat(70_000)]), { code: 'KEY_TOO_LARGE' });
  assert.throws(() => bench.refuse(1, ['x'.repeat(70_000)]), { code: 'KEY_TOO_LARGE' });
  bench.plans.set('table_1', bench.plan(table, letterRoute(1)));
  bench.dispatcher.schema(table);
  assert.ok(bench.insert(1, ['before']));
  assert.ok(bench.refuse(1, ['x'.repeat(70_000)]));
  assert.equal(bench.epochs.rows, 2, 'a refused row counts in its epoch');
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const seen = bench.read().filter(({ kind }) => kind !== RecordKind.schema);
  assert.deepEqual(seen.map(({ kind, commit }) => `${kind} ${commit}`).toSorted(), [
    `${RecordKind.row} true`,
    `${RecordKind.refused} false`,
  ]);
});

test('a refused row that finds no room comes again, in its place', () => {
  const bench = new Bench(1, 65_536);
  const table = schema(1, ['id', 'v'], [0]);
  bench.plans.set('table_1', bench.plan(table, letterRoute(1)));
  bench.dispatcher.schema(table);
  bench.dispatcher.begin(0, 1, 0, 0);
  let count = 0;
  while (bench.insert(1, [String(count), 'v'.repeat(4000)])) count += 1;
  const refuse = () => bench.refuse(1, ['x'.repeat(70_000), 'y'.repeat(900_000)]);
  // The side area holds one of the two.
  assert.ok(bench.read().length > 0);
  assert.ok(refuse());
  assert.equal(refuse(), false);
  bench.read();
  assert.ok(refuse());
  assert.equal(bench.epochs.rows, count + 2);
});

test('an error that is not of a row alone stays one', () => {
  const bench = new Bench(1, 65_536);
  const table = schema(1, ['id'], [0]);
  bench.plans.set('table_1', bench.plan(table, letterRoute(1)));
  bench.dispatcher.schema(table);
  bench.dispatcher.begin(0, 1, 0, 0);
  const torn = new MillraceError('ROW_IMAGE_INVALID', 'torn');
  assert.throws(() => bench.refuse(1, ['a'], torn), torn);
  assert.equal(bench.epochs.rows, 0);
});

test('of an update of the key that becomes two, the half that is out is not refused again', () => {
  const bench = new Bench(1, 65_536, 1_000_000, 'delete-insert');
  const table = schema(1, ['id'], [0]);
  bench.plans.set('table_1', bench.plan(table, letterRoute(1)));
  bench.dispatcher.schema(table);
  bench.dispatcher.begin(0, 1, 0, 0);
  assert.throws(() => bench.update(1, ['a'], ['x'.repeat(70_000)]), { code: 'KEY_TOO_LARGE' });
  assert.ok(bench.refuse(1, ['x'.repeat(70_000)], undefined, Operation.update));
  assert.ok(bench.update(1, ['b'], ['c']));
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const operations = bench.read().filter(({ kind }) => kind !== RecordKind.schema);
  assert.deepEqual(
    operations.map(({ kind, operation }) => [kind, operation]),
    [
      [RecordKind.row, Operation.delete],
      [RecordKind.refused, Operation.insert],
      [RecordKind.row, Operation.delete],
      [RecordKind.row, Operation.insert],
    ],
  );
});
