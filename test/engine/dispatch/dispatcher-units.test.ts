import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordKind } from '../../../engine/ring/layout.ts';
import { Bench, schema, type Seen } from './dispatching.ts';

const rowsOf = (seen: readonly Seen[]) => seen.filter(({ kind }) => kind === RecordKind.row);

test('rows of a snapshot go into the epochs of their units, in turn, and none is held back', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.units.set(4, { slot: 9, rows: 0 }).set(5, { slot: 8, rows: 0 });
  for (const unit of [4, 5, 4]) {
    assert.equal(bench.dispatcher.enterUnit(unit), true);
    bench.insert(1, [`of ${unit}`]);
  }
  bench.dispatcher.flush();
  bench.dispatcher.endUnit(4);
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, epoch, row, xoffset, snapshot, commitMicros }) => [key, epoch, row, xoffset, snapshot, commitMicros]),
    [
      ['{"id":"of 4"}', 9, 0, 0, true, (1n << 32n) | 2n],
      ['{"id":"of 5"}', 8, 0, 0, true, (1n << 32n) | 2n],
      ['{"id":"of 4"}', 9, 1, 1, true, (1n << 32n) | 2n],
    ],
  );
  assert.deepEqual([bench.ended, bench.epochs.rows], [[4], 0]);
  assert.equal(bench.dispatcher.enterUnit(6), false, 'no slot is free');
});

test('after a snapshot the stream goes into its own epochs', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.units.set(0, { slot: 9, rows: 0 });
  bench.dispatcher.enterUnit(0);
  bench.insert(1, ['a']);
  bench.dispatcher.endUnit(0);
  bench.dispatcher.begin(0, 7, 0, 5);
  bench.insert(1, ['b']);
  bench.dispatcher.commit(0, 100);
  bench.dispatcher.flush();
  const last = rowsOf(bench.read()).at(-1)!;
  assert.deepEqual([last.key, last.epoch, last.row, last.snapshot, last.commit, last.commitMicros], ['{"id":"b"}', 0, 0, false, true, 5n]);
});
