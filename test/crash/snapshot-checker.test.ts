import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnapshotRecord } from '../../engine/change/snapshot.ts';
import type { CommittedTransaction, Kill, RowChange, SnapshotRow } from './history.ts';
import { checkSnapshot, type SnapshotEvidence } from './snapshot-checker.ts';

const insert = (id: number, version: number): RowChange => ({ table: 't', type: 'insert', id, oldId: null, version });
const update = (id: number, version: number, oldId: number | null = null): RowChange => ({
  table: 't',
  type: 'update',
  id,
  oldId,
  version,
});
const remove = (id: number): RowChange => ({ table: 't', type: 'delete', id, oldId: null, version: null });
const transaction = (xid: number, ...changes: RowChange[]): CommittedTransaction => ({ xid, kind: 'small', changes, knownAtMs: xid });

/** Keys 3, 6, 9 and 12 of one writer, there since the second commit; the slot begins behind that; then three changes. */
const COMMITTED = [
  transaction(1, insert(3, 1)),
  transaction(2, update(3, 2), insert(6, 1), insert(9, 1), insert(12, 1)),
  transaction(3, update(3, 3)),
  transaction(4, update(6, 4)),
  transaction(5, remove(12)),
];

/** Two captures; the first died when the unit of 3 and 6 was stored, the second saw the third commit. */
const ROWS = rows([7, 3, 2], [7, 6, 1], [7, 9, 1], [8, 9, 1], [8, 12, 1]);

function rows(...each: (readonly [producer: number, id: number, version: number])[]): SnapshotRow[] {
  return each.map(([producer, id, version], offset) => ({ partition: 0, offset, producer, change: insert(id, version) }));
}

function stored(done: string, finishedAt: string | null = null): SnapshotRecord {
  const part = { oid: 1, name: 'public.t', key: ['id'], cuts: [['9'], ['12']], done, rows: '0' };
  return { mode: 'FULL + INCREMENTAL', startedAt: '', finishedAt, tables: [{ oid: 1, name: 'public.t', rows: '0', parts: [part] }] };
}

const kill = (snapshot: SnapshotRecord, end: number, victim = 'capture'): Kill => ({
  victim,
  place: 1,
  work: 'small',
  generation: 1,
  stored: 200n,
  snapshot,
  endOffsets: [end],
  earlierOffsets: [0],
});

const SEEN = { partition: 0, offset: 5, xid: 3, change: update(3, 3) };

function problems(altered: Partial<SnapshotEvidence>): string[] {
  const commitEnd = new Map(COMMITTED.map(({ xid }) => [xid, BigInt(xid * 100)]));
  const sound = {
    committed: COMMITTED,
    commitEnd,
    slotStart: 200n,
    rows: ROWS,
    seen: [SEEN],
    kills: [kill(stored('0'), 3)],
    unitsAtOnce: 1,
  };
  return checkSnapshot({ ...sound, ...altered }).problems.map((problem) => problem.split(':')[0]!);
}

test('every row once, units that were not stored again: sound', () => {
  assert.deepEqual(problems({}), []);
});

test('a row that nobody committed is a phantom', () => {
  assert.deepEqual(problems({ rows: [...ROWS.slice(0, 4), ...rows([8, 12, 9]).map((row) => ({ ...row, offset: 4 }))] }), ['phantom']);
});

test('a row as it was before the slot began is stale', () => {
  assert.ok(problems({ rows: rows([7, 3, 1], [7, 6, 1], [7, 9, 1], [8, 9, 1], [8, 12, 1]) }).includes('stale'));
});

test('rows of two moments in what one capture read are torn', () => {
  assert.deepEqual(problems({ rows: rows([7, 3, 2], [7, 6, 4], [7, 9, 1], [8, 9, 1], [8, 12, 1]) }), ['torn']);
  assert.deepEqual(
    problems({ rows: rows([7, 3, 3], [7, 6, 4], [7, 9, 1], [8, 9, 1], [8, 12, 1]) }),
    [],
    'both are those of the last moment',
  );
});

test('a later reading that shows an older row goes backwards', () => {
  const kills = [kill(stored(''), 3)];
  assert.deepEqual(problems({ kills, unitsAtOnce: 2, rows: rows([7, 3, 3], [7, 6, 1], [7, 9, 1], [8, 3, 2], [8, 9, 1]) }), ['backwards']);
});

test('a key that stays, and that no row tells of, was not read; one that went away need not come', () => {
  assert.deepEqual(problems({ rows: ROWS.filter(({ change }) => change.id !== 9) }), ['unread']);
  assert.deepEqual(problems({ rows: ROWS.filter(({ change }) => change.id !== 12) }), []);
  const committed = [...COMMITTED, transaction(6, update(15, 5, 9))];
  const commitEnd = new Map(committed.map(({ xid }) => [xid, BigInt(xid * 100)]));
  assert.deepEqual(problems({ committed, commitEnd, rows: ROWS.filter(({ change }) => change.id !== 9) }), [], 'it was given another key');
});

test('a row behind the stream, and a change before every unit is stored, break the seam', () => {
  assert.deepEqual(problems({ seen: [{ ...SEEN, offset: 3.5 }] }), ['seam']);
  assert.deepEqual(problems({ kills: [kill(stored('0'), 3), kill(stored('0-1'), 6)] }), ['seam']);
  assert.deepEqual(problems({ kills: [kill(stored('0'), 3), kill(stored('0-1'), 6, 'broker')] }), [], 'the broker ends no capture');
});

test('what was stored at a kill does not come again, and nothing comes twice of one capture', () => {
  assert.deepEqual(problems({ kills: [kill(stored('0-1'), 3)] }), ['window']);
  assert.deepEqual(problems({ kills: [kill(stored('', 'now'), 3)] }), ['window', 'window'], 'nothing at all, once it is finished');
  assert.deepEqual(problems({ rows: rows([7, 3, 2], [7, 6, 1], [7, 9, 1], [8, 9, 1], [8, 9, 1]) }), ['window']);
});

test('more units under way than may be', () => {
  assert.deepEqual(problems({ kills: [kill(stored(''), 3)] }), ['in flight']);
  assert.deepEqual(problems({ kills: [kill(stored(''), 3)], unitsAtOnce: 2 }), []);
  assert.deepEqual(problems({ kills: [kill(stored(''), 3, 'broker')] }), []);
});
