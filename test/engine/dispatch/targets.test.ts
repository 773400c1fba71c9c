import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Targets } from '../../../engine/dispatch/targets.ts';
import { RecordKind } from '../../../engine/ring/layout.ts';
import { Bench, PARTITIONS, schema } from './dispatching.ts';

test('targets are dealt to the workers in turn, each for good', () => {
  const targets = new Targets(10, 3);
  assert.deepEqual(
    [7, 2, 9, 4, 2, 7].map((target) => targets.workerOf(target)),
    [0, 1, 2, 0, 1, 0],
  );
});

test('rows are counted for each partition', () => {
  const bench = new Bench(2, 1 << 20);
  bench.dispatcher.schema(schema(1, ['id', 'v'], [0]));
  bench.dispatcher.begin(0, 1, 0, 0);
  for (let i = 0; i < 100; i++) bench.insert(1, [String(i), 'x']);
  bench.dispatcher.commit(0, 1);
  bench.dispatcher.flush();
  const rows = bench.read().filter(({ kind }) => kind === RecordKind.row);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const expected = rows.filter((row) => row.partition === partition).length;
    assert.ok(expected > 0);
    assert.equal(bench.dispatcher.targets.rows[bench.topic.targetBase + partition], expected);
  }
});
