import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RowChange } from './history.ts';
import { checkState } from './state-checker.ts';

const change = (type: RowChange['type'], id: number, version: number | null, oldId: number | null = null, table = 't'): RowChange => ({
  table,
  type,
  id,
  oldId,
  version,
});

/** A snapshot of 1, 2 and 3; then 1 changes, 2 goes, 3 becomes 4, and 2 comes again. */
const ROWS = [change('insert', 1, 1), change('insert', 2, 1), change('insert', 3, 1)];
const SEEN = [change('update', 1, 2), change('delete', 2, null), change('update', 4, 3, 3), change('insert', 2, 4)];
const TABLE = new Map([
  ['t 1', 2],
  ['t 2', 4],
  ['t 4', 3],
]);

function problems(seen: readonly RowChange[], table: ReadonlyMap<string, number>): string[] {
  const place = (one: RowChange, offset: number) => ({ partition: 0, offset, change: one });
  const rows = ROWS.map((one, offset) => ({ ...place(one, offset), producer: 1 }));
  return checkState({ rows, seen: seen.map((one, offset) => ({ ...place(one, offset + rows.length), xid: 1 })) }, table);
}

test('what the topic makes of the table is the table', () => {
  assert.deepEqual(problems(SEEN, TABLE), []);
  assert.deepEqual(problems([...SEEN, ...SEEN], TABLE), [], 'a replay ends there too');
});

test('a row that is missing, one that is old, and one that should be gone', () => {
  assert.deepEqual(problems(SEEN.slice(0, 3), TABLE), ['state: t 2 has version 4 in the table, and none by the messages']);
  assert.deepEqual(problems(SEEN.slice(1), TABLE), ['state: t 1 has version 2 in the table, and 1 by the messages']);
  const without2 = new Map([...TABLE].filter(([key]) => key !== 't 2'));
  assert.deepEqual(problems(SEEN, without2), ['state: t 2 is not in the table, and has version 4 by the messages']);
});

test('a key that was left is gone, and only that', () => {
  const kept = new Map([...TABLE, ['t 3', 1]]);
  assert.deepEqual(problems(SEEN, kept), ['state: t 3 is in the table, and a message says that it was given another key']);
  const staying = [...SEEN.slice(0, 2), change('update', 4, 3), SEEN[3]!];
  assert.deepEqual(problems(staying, TABLE), ['state: t 3 is not in the table, and has version 1 by the messages']);
});

test('no message tells of a TRUNCATE: its keys may be left over', () => {
  assert.deepEqual(problems([...SEEN, change('insert', 9, 1, null, 'omega')], TABLE), []);
});
