import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OldImage } from '../../../engine/change/operation.ts';
import type { MovedRow } from '../../../engine/change/snapshot.ts';
import { RecordKind } from '../../../engine/ring/layout.ts';
import { Bench, letterRoute, schema } from './dispatching.ts';

const T = schema(1, ['id', 'v'], [0]);
const U = schema(2, ['id', 'v'], [0]);
const NONE = { shows: () => false };
const ALL = { shows: () => true };

/** A dispatcher with two tables, the first of which is watched. */
function watching(windowBytes = 1_000_000): { bench: Bench; moved: MovedRow[]; read: (table: number, ...ids: string[]) => string[] } {
  const bench = new Bench(1, 65_536, 1_000_000, 'update', windowBytes);
  const moved: MovedRow[] = [];
  for (const table of [T, U]) bench.dispatcher.schema(table);
  bench.units.set(0, { slot: 9, rows: 0 });
  bench.dispatcher.watch('public.table_1', (row) => moved.push(row));
  const read = (table: number, ...ids: string[]) => {
    for (const id of ids) {
      bench.dispatcher.enterUnit(0);
      bench.insert(table, [id, 'of the table']);
      bench.dispatcher.leaveUnit();
    }
    bench.dispatcher.commit(0, 1);
    bench.dispatcher.flush();
    return bench
      .read()
      .filter(({ kind, snapshot }) => kind === RecordKind.row && snapshot)
      .map(({ key }) => JSON.parse(key!).id as string);
  };
  return { bench, moved, read };
}

test('rows that the stream has changed since the snapshot are left out, of the table that is watched', () => {
  const { bench, read } = watching();
  const window = bench.dispatcher.windowOf('public.table_1');
  bench.dispatcher.begin(0, 7, 0, 0);
  bench.insert(1, ['a', '1']);
  bench.update(1, ['b', '1'], ['c', '1'], OldImage.key);
  bench.delete(1, ['d', '']);
  bench.insert(2, ['e', '1']);
  window.show(NONE, T);
  assert.deepEqual(read(1, 'a', 'b', 'c', 'd', 'e'), ['e']);
  assert.deepEqual(read(2, 'a', 'e'), ['a', 'e']);
  assert.deepEqual(window.outcome(), { isBlind: false, again: [] });
  window.show(ALL, T);
  assert.deepEqual(read(1, 'a', 'b'), ['a', 'b'], 'the snapshot shows all of it');
  window.show(NONE, T);
  assert.deepEqual(read(1, 'c'), ['c'], 'what one snapshot showed is forgotten');
});

test('watching twice is watching once, and ends with unwatching', () => {
  const { bench, read } = watching();
  bench.dispatcher.begin(0, 7, 0, 0);
  bench.insert(1, ['a', '1']);
  bench.dispatcher.watch('public.table_1', () => undefined);
  bench.dispatcher.windowOf('public.table_1').show(NONE, T);
  assert.deepEqual(read(1, 'a'), []);
  bench.dispatcher.unwatch('public.table_1');
  assert.deepEqual(read(1, 'a'), ['a']);
  assert.throws(() => bench.dispatcher.windowOf('public.table_1'), { code: 'INTERNAL' });
});

test('after a TRUNCATE, another key, too many keys, or a dead letter, no row passes that a snapshot shows without them', () => {
  const spoilers: ((bench: Bench) => void)[] = [
    ({ dispatcher }) => dispatcher.truncate([1], 0, 1),
    (bench) => {
      bench.dispatcher.schema({ ...T, id: 3, tableId: 1, keyColumns: [1] });
      bench.insert(3, ['z', '1']);
    },
    (bench) => {
      const newer = { ...T, id: 3 };
      bench.plans.set('table_1', bench.plan(newer, letterRoute(1)));
      bench.dispatcher.schema(newer);
      bench.refuse(3, ['x'.repeat(70_000), '1']);
    },
    (bench) => void ['x', 'y', 'z'].map((id) => bench.insert(1, [id, '1'])),
  ];
  for (const spoil of spoilers) {
    const { bench, read } = watching(250);
    const window = bench.dispatcher.windowOf('public.table_1');
    bench.dispatcher.begin(0, 7, 0, 0);
    bench.insert(1, ['w', '1']);
    spoil(bench);
    window.show(NONE, T);
    assert.deepEqual(read(1, 'a'), []);
    assert.equal(window.outcome().isBlind, true);
    window.show({ shows: (xid) => xid === 7 }, T);
    assert.deepEqual(read(1, 'a'), ['a']);
    assert.equal(window.outcome().isBlind, false);
  }
});

test('rows of a unit in the middle of a transaction leave that as it is', () => {
  const { bench } = watching();
  bench.dispatcher.begin(0, 7, 0, 5);
  bench.insert(2, ['first', '1']);
  bench.dispatcher.enterUnit(0);
  bench.insert(2, ['read', '1']);
  bench.dispatcher.leaveUnit();
  bench.dispatcher.flush();
  assert.deepEqual(
    bench.read().filter(({ kind }) => kind === RecordKind.row),
    [],
    'the first may be the last of its transaction',
  );
  bench.insert(2, ['second', '1']);
  bench.dispatcher.commit(0, 9);
  bench.dispatcher.flush();
  assert.deepEqual(
    bench
      .read()
      .filter(({ kind }) => kind === RecordKind.row)
      .map(({ key, epoch, xoffset, commit, snapshot, commitMicros }) => [
        JSON.parse(key!).id,
        epoch,
        xoffset,
        commit,
        snapshot,
        commitMicros,
      ]),
    [
      ['first', 0, 0, false, false, 5n],
      ['read', 9, 0, false, true, (1n << 32n) | 2n],
      ['second', 0, 1, true, false, 5n],
    ],
  );
});
