import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { OldImage, Operation } from '../../../engine/change/operation.ts';
import { compileKeyChange } from '../../../engine/dispatch/key-change.ts';
import { RecordKind } from '../../../engine/ring/layout.ts';
import { ABSENT, rowImage, tableSchema, UNCHANGED, type ImageValue } from '../../support/rows.ts';
import { Bench, schema, type Seen } from './dispatching.ts';

const rowsOf = (seen: readonly Seen[]) => seen.filter(({ kind }) => kind === RecordKind.row);

test('a key has changed when the text of one of its columns has', () => {
  const table = tableSchema(
    [
      { name: 'a', kind: 'int' },
      { name: 'v', kind: 'text' },
      { name: 'b', kind: 'text' },
    ],
    ['b', 'a'],
  );
  const change = compileKeyChange('delete-insert', table)!;
  const changed = (old: readonly ImageValue[] | null, now: readonly ImageValue[]) => {
    const oldBytes = old === null ? Buffer.alloc(0) : rowImage(old);
    const input = new ByteView(Buffer.concat([oldBytes, rowImage(now)]));
    return change.isBetween(input, 0, oldBytes.length, oldBytes.length, input.bytes.length);
  };
  assert.equal(changed(null, ['1', 'v', 'x']), false);
  assert.equal(changed(['1', null, 'x'], ['1', 'v', 'x']), false);
  assert.equal(changed(['1', 'old', 'x'], ['1', 'v', 'x']), false);
  assert.equal(changed(['1', null, 'x'], ['2', 'v', 'x']), true);
  assert.equal(changed(['1', null, 'x'], ['1', 'v', 'y']), true);
  assert.equal(changed(['1', null, 'x'], ['1', 'v', UNCHANGED]), false);
  assert.equal(changed(['1', null, 'x'], ['2', 'v', UNCHANGED]), true);
  assert.equal(changed(['1', ABSENT, 'x'], [ABSENT, 'v', ABSENT]), false);
  assert.equal(changed(['1', ABSENT, 'x'], [ABSENT, 'v', 'y']), true);
});

function split(rings = 3, ringBytes = 65_536): Bench {
  const bench = new Bench(rings, ringBytes, 1_000_000, 'delete-insert');
  bench.dispatcher.schema(schema(1, ['id', 'v'], [0]));
  bench.dispatcher.begin(0, 7, 0, 0);
  return bench;
}

test('a changed key becomes a delete under the old key and an insert under the new one, next to each other', () => {
  const bench = split();
  bench.insert(1, ['a', '1']);
  bench.update(1, ['a', '1'], ['b', '2']);
  bench.update(1, ['b', '2'], ['b', '3']);
  bench.update(1, [], ['b', '4'], OldImage.none);
  bench.dispatcher.commit(0, 9);
  bench.dispatcher.flush();
  const rows = rowsOf(bench.read()).toSorted((one, other) => one.xoffset - other.xoffset);
  assert.deepEqual(
    rows.map(({ operation, key, xoffset, row, commit }) => [operation, key, xoffset, row, commit]),
    [
      [Operation.insert, '{"id":"a"}', 0, 0, false],
      [Operation.delete, '{"id":"a"}', 1, 1, false],
      [Operation.insert, '{"id":"b"}', 2, 2, false],
      [Operation.update, '{"id":"b"}', 3, 3, false],
      [Operation.update, '{"id":"b"}', 4, 4, true],
    ],
  );
  const image = (id: string, v: string) => rowImage([id, v]).toString('latin1');
  assert.equal(rows[1]!.text, image('a', '1'));
  // The insert keeps the old image: it may hold what the new one leaves out.
  assert.equal(rows[2]!.text, image('a', '1') + image('b', '2'));
});

test('without the style an update of the key stays one row', () => {
  const bench = new Bench(1, 65_536);
  bench.dispatcher.schema(schema(1, ['id', 'v'], [0]));
  bench.dispatcher.begin(0, 7, 0, 0);
  bench.update(1, ['a', '1'], ['b', '2']);
  bench.dispatcher.commit(0, 9);
  bench.dispatcher.flush();
  assert.deepEqual(
    rowsOf(bench.read()).map(({ operation, key }) => [operation, key]),
    [[Operation.update, '{"id":"b"}']],
  );
});

test('when the ring has room for one half only, the repeated call writes the other one and nothing twice', () => {
  const long = 'v'.repeat(4_000);
  let halves = 0;
  // Rings that are full after more and more bytes: each half is refused somewhere.
  for (let filled = 0; filled < 12_000; filled += 1_500) {
    const bench = split(1);
    bench.insert(1, ['fill', 'f'.repeat(filled + 1)]);
    let updates = 0;
    const update = () => bench.update(1, [`${updates}`, long], [`${updates + 1}`, long]);
    while (update()) updates++;
    const before = rowsOf(bench.read());
    if (before.length % 2 === 0) halves++;
    assert.ok(update());
    bench.dispatcher.commit(0, 9);
    bench.dispatcher.flush();
    const rows = [...before, ...rowsOf(bench.read())].slice(1);
    const expected = Array.from({ length: updates + 1 }, (_, i) => [
      [Operation.delete, `{"id":"${i}"}`],
      [Operation.insert, `{"id":"${i + 1}"}`],
    ]).flat();
    assert.deepEqual(
      rows.map(({ operation, key }) => [operation, key]),
      expected,
    );
    assert.deepEqual(
      rows.map(({ xoffset }) => xoffset),
      rows.map((_, i) => i + 1),
    );
    assert.deepEqual([rows.at(-1)!.commit, rows.at(-2)!.commit], [true, false]);
  }
  assert.ok(halves > 0 && halves < 8, `${halves} of 8 were stopped between the halves`);
});
