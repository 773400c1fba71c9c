import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePlacement } from '../../../engine/dispatch/placement.ts';
import { HashKind, hashPartition } from '../../../engine/dispatch/partition.ts';
import { RecordKind } from '../../../engine/ring/layout.ts';
import { Bench, PARTITIONS, schema, type Seen } from './dispatching.ts';

const rowsOf = (seen: readonly Seen[]) => seen.filter(({ kind }) => kind === RecordKind.row);

test('the last row of a transaction stays unseen until the commit has marked it', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.dispatcher.begin(0, 7, 0, 0);
  bench.insert(1, ['a']);
  bench.insert(1, ['b']);
  bench.dispatcher.flush();
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, commit }) => [key, commit]),
    [['{"id":"a"}', false]],
  );
  bench.dispatcher.commit(0, 100);
  bench.dispatcher.flush();
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, commit }) => [key, commit]),
    [['{"id":"b"}', true]],
  );
});

test('the held row is held over all rings: rows of other rings go on', () => {
  const bench = new Bench(3, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.dispatcher.begin(0, 7, 0, 0);
  for (let i = 0; i < 50; i++) bench.insert(1, [`key ${i}`]);
  bench.dispatcher.flush();
  const before = rowsOf(bench.read());
  assert.equal(before.length, 49);
  assert.ok(new Set(before.map(({ ring }) => ring)).size === 3, 'all rings got rows');
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, commit, xoffset }) => [key, commit, xoffset]),
    [['{"id":"key 49"}', true, 49]],
  );
});

test("a key goes where Kafka's own partitioner puts it, and a partition to one ring only", () => {
  const bench = new Bench(3, 1 << 20);
  bench.dispatcher.schema(schema(1, ['id', 'v'], [0]));
  bench.dispatcher.begin(0, 1, 0, 0);
  for (let i = 0; i < 300; i++) bench.insert(1, [String(i % 40), 'x']);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const ringOf = new Map<number, number>();
  for (const seen of rowsOf(bench.read())) {
    const key = Buffer.from(seen.key!);
    assert.equal(seen.partition, hashPartition(HashKind.murmur2, key, 0, key.length, PARTITIONS));
    assert.equal(ringOf.get(seen.partition) ?? seen.ring, seen.ring);
    ringOf.set(seen.partition, seen.ring);
  }
  assert.equal(ringOf.size, PARTITIONS);
});

test('each ring gets a schema once, before its first row of it', () => {
  const bench = new Bench(2, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.dispatcher.schema(schema(2, ['id'], [0]));
  bench.dispatcher.begin(0, 1, 0, 0);
  for (let i = 0; i < 40; i++) bench.insert(1 + (i % 2), [String(i)]);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const seen = bench.read();
  for (const ring of [0, 1]) {
    const kinds = seen.filter((one) => one.ring === ring).map(({ kind }) => kind);
    assert.equal(kinds[0], RecordKind.schema);
    assert.equal(kinds.filter((kind) => kind === RecordKind.schema).length, 2);
  }
});

test('a refused row leaves no trace: the same call later gives it once, in its place', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id', 'v'], [0]));
  bench.dispatcher.begin(0, 1, 0, 0);
  const value = 'v'.repeat(4000);
  let accepted = 0;
  while (bench.insert(1, [String(accepted), value])) accepted += 1;
  assert.equal(bench.blocked, 1);
  const rows = bench.epochs.rows;
  assert.equal(bench.insert(1, [String(accepted), value]), false);
  assert.equal(bench.epochs.rows, rows);
  const first = rowsOf(bench.read());
  assert.equal(first.length, accepted, 'all were published before the wait: the held row has a successor');
  assert.equal(bench.insert(1, [String(accepted), value]), true);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const second = rowsOf(bench.read());
  assert.deepEqual(
    [...first, ...second].map(({ key, xoffset, row }) => [key, xoffset, row]),
    Array.from({ length: accepted + 1 }, (_, i) => [`{"id":"${i}"}`, i, i]),
  );
});

test('a row larger than a quarter of the ring takes the side area and can be the marked last one', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id', 'v'], [0]));
  bench.dispatcher.begin(0, 1, 0, 0);
  bench.insert(1, ['1', 'x'.repeat(200_000)]);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const [row] = rowsOf(bench.read());
  assert.equal(row!.commit, true);
  assert.ok(row!.text.endsWith('x'.repeat(200_000)));
});

test('a held row that takes the room of its successor is let go: the two can be larger than the side area together', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id', 'text'], [0]));
  bench.dispatcher.begin(0, 1, 0, 0);
  assert.ok(bench.insert(1, ['1', 'x'.repeat(600_000)]));
  assert.equal(bench.insert(1, ['2', 'y'.repeat(600_000)]), false);
  const first = bench.read().filter((seen) => seen.kind === RecordKind.row);
  assert.deepEqual(
    first.map(({ key, commit }) => [key, commit]),
    [['{"id":"1"}', false]],
  );
  assert.ok(bench.insert(1, ['2', 'y'.repeat(600_000)]));
  bench.dispatcher.commit(0, 9);
  bench.dispatcher.flush();
  assert.deepEqual(
    bench.read().map(({ key, commit }) => [key, commit]),
    [['{"id":"2"}', true]],
  );
});

test('rows of a table that is not selected vanish, and the mark moves to the last row that stays', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  assert.equal(bench.dispatcher.schema({ ...schema(2, ['id'], [0]), table: 'table_99' }), false);
  bench.dispatcher.begin(0, 1, 0, 0);
  bench.insert(1, ['a']);
  assert.equal(bench.insert(2, ['b']), true);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, commit }) => [key, commit]),
    [['{"id":"a"}', true]],
  );
});

test('rows without a key have a null key and a place that a replay repeats', () => {
  const places = [0, 1].map(() => {
    const bench = new Bench(1, 1 << 20);
    bench.dispatcher.schema(schema(1, ['v'], []));
    bench.dispatcher.begin(0, 1, 0, 0);
    for (let i = 0; i < 100; i++) bench.insert(1, ['same'], i < 50 ? i : 50);
    bench.dispatcher.commit(0, 1);
    bench.dispatcher.flush();
    return rowsOf(bench.read()).map(({ key, partition }) => [key, partition]);
  });
  assert.deepEqual(places[0], places[1]);
  assert.equal(new Set(places[0]!.map(([, partition]) => partition)).size, PARTITIONS, 'rows of one LSN are spread too');
  assert.ok(places[0]!.every(([key]) => key === null));
});

test('an epoch closes at a commit only, however large its transaction', () => {
  const bench = new Bench(1, 1 << 20, 10);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.dispatcher.begin(0, 1, 0, 0);
  for (let i = 0; i < 25; i++) bench.insert(1, [String(i)]);
  bench.dispatcher.commit(0, 1);
  for (let t = 0; t < 12; t++) {
    bench.dispatcher.begin(0, 2 + t, 0, 0);
    bench.insert(1, [String(t)]);
    bench.dispatcher.commit(0, 2 + t);
  }
  bench.dispatcher.flush();
  const rows = rowsOf(bench.read());
  assert.deepEqual(
    rows.map(({ epoch }) => epoch),
    [...Array(25).fill(0), ...Array(10).fill(1), ...Array(2).fill(2)],
  );
  assert.deepEqual(
    rows.slice(25).map(({ row }) => row),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1],
  );
});

test('the dispatcher refuses rows while its gate is closed, and takes the same ones behind it', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  bench.dispatcher.close();
  bench.dispatcher.begin(0, 1, 0, 0);
  assert.equal(bench.insert(1, ['a']), false);
  assert.equal(bench.blocked, 0, 'nobody waits for a ring that has room');
  bench.dispatcher.open();
  assert.equal(bench.insert(1, ['a']), true);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  assert.equal(rowsOf(bench.read()).length, 1);
});

test('rows of a table whose topic is asked for are refused until its plan has come, and those of other tables are not', async () => {
  const bench = new Bench(1, 65_536);
  const asked = schema(2, ['id'], [0]);
  let answer: () => void = () => {};
  bench.plans.set('table_2', new Promise((resolve) => (answer = () => resolve(bench.plan(asked)))));
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  assert.equal(bench.dispatcher.schema(asked), true);
  bench.dispatcher.begin(0, 1, 0, 0);
  assert.equal(bench.insert(1, ['a']), true);
  assert.equal(bench.insert(2, ['b']), false);
  // What was held has a successor now.
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, commit }) => [key, commit]),
    [['{"id":"a"}', false]],
  );
  answer();
  await bench.plans.get('table_2');
  assert.equal(bench.planned, 1);
  assert.equal(bench.insert(2, ['b']), true);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, commit, xoffset }) => [key, commit, xoffset]),
    [['{"id":"b"}', true, 1]],
  );
});

test('a topic that cannot be had is told, and wakes nothing', async () => {
  const bench = new Bench(1, 65_536);
  const failure = new Error('no such topic');
  bench.plans.set('table_1', Promise.reject(failure));
  bench.dispatcher.schema(schema(1, ['id'], [0]));
  assert.equal(bench.insert(1, ['a']), false);
  await assert.rejects(async () => await bench.plans.get('table_1'), failure);
  assert.deepEqual([bench.errors, bench.planned], [[failure], 0]);
});

test('the operation of a row decides between the topics of its table', () => {
  const bench = new Bench(1, 65_536);
  const other = { name: 'deletes', index: 1, partitions: 1, targetBase: PARTITIONS, maxMessageBytes: 1000 };
  const table = schema(1, ['id'], [0]);
  const { destinations, ...plan } = bench.plan(table);
  const placement = compilePlacement({ by: 'key', columns: [], fallback: 'random', hash: 'murmur2' }, table, 't', 1);
  bench.plans.set('table_1', { ...plan, destinations: [destinations[0]!, destinations[1]!, { topic: other, placement }] });
  bench.dispatcher.schema(table);
  bench.dispatcher.begin(0, 1, 0, 0);
  bench.insert(1, ['a']);
  bench.delete(1, ['a']);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  assert.deepEqual(
    rowsOf(bench.read()).map(({ key, topic }) => [key, topic]),
    [
      ['{"id":"a"}', 0],
      ['{"id":"a"}', 1],
    ],
  );
});
