import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOVED_MAX, READS_KEPT, TableReads } from '../../../engine/checkpoint/table-reads.ts';

const order = (id: string, table = 'public.t') => ({ kind: 'read-table', id, table, where: null, comment: null }) as const;
const states = (reads: TableReads) => reads.all.map(({ id, state }) => `${id} ${state}`);

test('orders are taken once, and begun in turn', () => {
  const reads = new TableReads([], false);
  assert.equal(reads.take(order('a')), true);
  assert.equal(reads.take(order('b')), true);
  assert.equal(reads.take(order('a', 'public.other')), false, 'the id is known');
  assert.equal(reads.next?.id, 'a');
  reads.update('b', { state: 'reading' });
  assert.equal(reads.next?.id, 'b', 'what was begun goes on first');
  reads.update('b', { state: 'done' });
  assert.equal(reads.next?.id, 'a');
  assert.deepEqual(states(reads), ['a waiting', 'b done']);
});

test('what is over stays as it is', () => {
  const reads = new TableReads([], false);
  reads.take(order('a'));
  assert.equal(reads.take({ kind: 'cancel-read', id: 'a' }), true);
  assert.equal(reads.take({ kind: 'cancel-read', id: 'a' }), false);
  assert.equal(reads.take({ kind: 'cancel-read', id: 'never' }), false);
  reads.update('a', { state: 'done', rows: '7' });
  assert.deepEqual(
    reads.all.map(({ state, rows }) => [state, rows]),
    [['cancelled', '0']],
  );
  assert.equal(reads.next, undefined);
});

test('of those that are over the last are kept, and all that are not', () => {
  const reads = new TableReads([], false);
  reads.take(order('first'));
  for (let index = 0; index < READS_KEPT + 5; index++) {
    reads.take(order(`n${index}`));
    reads.take({ kind: 'cancel-read', id: `n${index}` });
  }
  assert.equal(reads.all.length, READS_KEPT + 1);
  assert.deepEqual([reads.all[0]?.id, reads.all[1]?.id, reads.all.at(-1)?.id], ['first', 'n5', `n${READS_KEPT + 4}`]);
});

test('a table that joins is read once, and once more where it joins again while it is read', () => {
  const reads = new TableReads([], false);
  assert.equal(reads.join('public.t', 'one'), true);
  assert.equal(reads.join('public.t', 'two'), false);
  assert.equal(reads.join('public.u', 'three'), true);
  assert.deepEqual([reads.isJoining('public.t'), reads.isJoining('public.other')], [true, false]);
  reads.update('one', { state: 'reading' });
  assert.equal(reads.join('public.t', 'four'), true);
  assert.equal(reads.join('public.t', 'five'), false);
  reads.update('one', { state: 'done' });
  assert.deepEqual(
    reads.all.map(({ id, joins }) => [id, joins]),
    [
      ['one', true],
      ['three', true],
      ['four', true],
    ],
  );
});

test('rows that got another key are kept, up to a limit that the read fails of', () => {
  const reads = new TableReads([], false);
  reads.take(order('a'));
  const rows = Array.from({ length: MOVED_MAX }, (_, index) => ({ key: [String(index)], xid: index }));
  for (const row of rows) reads.addMoved('a', row);
  assert.deepEqual(reads.movedOf('a'), rows);
  assert.equal(reads.movedOf('a')[3], rows[3], 'each stays the same object');
  reads.addMoved('a', { key: ['more'], xid: 1 });
  assert.throws(() => reads.movedOf('a'), { code: 'READ_ROWS_MOVED' });
});
