import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, type Evidence } from './checker.ts';
import type { CommittedTransaction, Kill, RowChange, SeenMessage } from './history.ts';

const change = (id: number, version: number | null, type: RowChange['type'] = 'update'): RowChange => ({
  table: 't',
  type,
  id,
  oldId: null,
  version,
});
const transaction = (xid: number, ...changes: RowChange[]): CommittedTransaction => ({ xid, kind: 'small', changes, knownAtMs: xid });

/** Three transactions of one key and one of another; all delivered in order, in one partition. */
function sound(): { committed: CommittedTransaction[]; seen: SeenMessage[] } {
  const committed = [
    transaction(1, change(7, 1, 'insert')),
    transaction(2, change(7, 2), change(8, 1, 'insert')),
    transaction(3, change(7, null, 'delete')),
  ];
  const seen = committed.flatMap(({ xid, changes }) => changes.map((one) => ({ partition: 0, offset: 0, xid, change: one })));
  return { committed, seen: seen.map((message, offset) => ({ ...message, offset })) };
}

function verdict(altered: Partial<Evidence>): readonly string[] {
  const { committed, seen } = sound();
  const commitEnd = new Map(committed.map(({ xid }) => [xid, BigInt(xid * 100)]));
  return check({ committed, seen, commitEnd, slotStart: 0n, kills: [], ...altered }).problems.map((problem) => problem.split(':')[0]!);
}

const kill = (stored: bigint, end: number, earlier: number): Kill => ({
  victim: 'capture',
  place: 'stream',
  work: 'small',
  snapshot: null,
  generation: 1,
  stored,
  endOffsets: [end],
  earlierOffsets: [earlier],
});

test('a run in which everything came once and in order is sound', () => {
  assert.deepEqual(verdict({}), []);
});

test('a message that is missing is a loss', () => {
  assert.deepEqual(verdict({ seen: sound().seen.slice(0, 3) }), ['lost']);
});

test('what came of no commit is a phantom', () => {
  const { seen } = sound();
  assert.deepEqual(verdict({ seen: [...seen, { partition: 0, offset: 4, xid: 9, change: change(7, 3) }] }), ['phantom']);
});

test('a change that overtakes another of its key is out of order, though both come', () => {
  const { seen } = sound();
  assert.ok(
    verdict({ seen: [seen[0]!, seen[2]!, seen[3]!, seen[1]!].map((message, offset) => ({ ...message, offset })) }).includes('order'),
  );
});

test('a replay may step back and go on, but must not skip', () => {
  const { seen } = sound();
  const replay = [...seen, seen[1]!, seen[2]!, seen[3]!].map((message, offset) => ({ ...message, offset }));
  assert.deepEqual(verdict({ seen: replay, kills: [kill(100n, 4, 0)] }), []);
  const skipping = [...seen, seen[0]!, seen[3]!].map((message, offset) => ({ ...message, offset }));
  assert.deepEqual(verdict({ seen: skipping }), ['order']);
});

test('a repeat of what had been stored is outside the window', () => {
  const { seen } = sound();
  const replay = [...seen, seen[1]!, seen[2]!, seen[3]!].map((message, offset) => ({ ...message, offset }));
  assert.deepEqual(verdict({ seen: replay, kills: [kill(200n, 4, 0)] }), ['window', 'window']);
});

test('a position that lags behind what was delivered long before is stale', () => {
  assert.deepEqual(verdict({ kills: [kill(100n, 4, 4)] }), ['staleness']);
  assert.deepEqual(verdict({ kills: [kill(300n, 4, 4)] }), []);
  assert.deepEqual(verdict({ kills: [kill(100n, 4, 2)] }), [], 'the second transaction was not whole then');
});

test('what was committed before the slot began is not owed', () => {
  assert.deepEqual(verdict({ seen: sound().seen.slice(1), slotStart: 100n }), []);
  assert.deepEqual(verdict({ slotStart: 100n }), []);
});

test('what an earlier capture delivered, and died before it stored it, is not held against the next one', () => {
  const { seen } = sound();
  const first = { ...kill(100n, 4, 0), victim: 'capture' };
  const second = { ...kill(100n, 4, 4), generation: 2 };
  assert.deepEqual(verdict({ kills: [first, second] }), []);
  const replay = [...seen, seen[1]!, seen[2]!, seen[3]!].map((message, offset) => ({ ...message, offset }));
  assert.deepEqual(verdict({ seen: replay, kills: [first, { ...kill(100n, 7, 7), generation: 2 }] }), ['staleness']);
});

test('what the broker took of a dead capture when the next one had begun is not held against that one', () => {
  const { seen } = sound();
  const replay = [...seen, seen[1]!, seen[2]!, seen[3]!].map((message, offset) => ({ ...message, offset }));
  const first = { ...kill(100n, 1, 0), victim: 'capture' };
  const second = { ...kill(100n, 7, 4), generation: 2 };
  assert.deepEqual(verdict({ seen: replay, kills: [first, second] }), []);
  assert.deepEqual(verdict({ seen: replay, kills: [first, { ...second, earlierOffsets: [7] }] }), ['staleness']);
});
