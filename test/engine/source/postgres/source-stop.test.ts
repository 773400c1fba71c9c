import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { SourceBench } from './source-bench.ts';

for (const version of ['15', '18'] as const) {
  describe(`a source on PostgreSQL ${version} that is held up`, { skip: skipUnless(`postgres-${version}`), concurrency: 1 }, () => {
    const bench = new SourceBench(version);

    test('reads nothing more once halted, and still confirms', async () => {
      const running = await bench.record();
      await bench.server.query("INSERT INTO t VALUES (1, 'a')");
      await running.until(() => running.sink.lines.some((line) => line.startsWith('commit')), 'a transaction');
      running.source.halt(true);
      const start = await bench.confirmed();
      await bench.server.query("INSERT INTO t VALUES (2, 'b')");
      running.source.ack(bench.lastCommit(running));
      await until(async () => (await bench.confirmed()) > start, { what: 'the acknowledgement to arrive' });
      assert.equal(running.sink.changes.length, 1);
      await bench.finish(running);
    });

    test('halted for the end of the transaction, reads to it and not further', async () => {
      const running = await bench.record();
      running.sink.refusals = Infinity;
      await bench.server.query('INSERT INTO t SELECT n FROM generate_series(1, 3000) n');
      await running.until(() => running.source.status().stalled, 'the stall');
      await bench.server.query('INSERT INTO t SELECT n FROM generate_series(3001, 6000) n');
      running.source.halt(false);
      assert.equal(running.source.hasHalted, false);
      running.sink.refusals = 0;
      running.source.resume();
      await running.until(() => running.source.hasHalted, 'the end of the transaction');
      assert.equal(running.sink.changes.length, 3000);
      assert.match(running.sink.lines.at(-1)!, /^commit/);
      await bench.finish(running);
      assert.equal(running.sink.changes.length, 3000);
    });

    test('stops in the middle of a transaction that the sink does not take', async () => {
      const running = await bench.record();
      running.sink.refusals = Infinity;
      await bench.server.query("INSERT INTO t SELECT n, repeat('x', 1000) FROM generate_series(1, 20000) n");
      await running.until(() => running.source.status().stalled, 'the stall');
      await bench.finish(running);
      assert.equal(running.sink.changes.length, 0);
    });

    test('takes each row once over many refusals', async () => {
      const running = await bench.record();
      running.sink.refusals = 1;
      await bench.server.query('INSERT INTO t SELECT n, n::text FROM generate_series(1, 3000) n');
      await running.until(() => {
        running.sink.refusals = 1;
        running.source.resume();
        running.source.resume();
        return running.sink.changes.length >= 3000;
      }, '3000 rows');
      assert.deepEqual(
        running.sink.changes,
        Array.from({ length: 3000 }, (_, index) => `insert public.t new(${index + 1},${index + 1})`),
      );
      await bench.finish(running);
    });
  });
}
