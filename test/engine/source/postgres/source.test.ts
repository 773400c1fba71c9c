import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { certificates } from '../../../support/certificates.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { SourceBench } from './source-bench.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';
import { lsnOf } from '../../../support/lsn-of.ts';

for (const version of ALL_VERSIONS) {
  describe(`a source on PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`), concurrency: 1 }, () => {
    const bench = new SourceBench(version);

    test('brings rows over TCP, the Unix socket and TLS', async () => {
      const { ca } = await certificates();
      await bench.server.query("INSERT INTO t VALUES (1, 'a'); UPDATE t SET v = 'b'; DELETE FROM t");
      for (const url of [bench.server.url(), bench.server.socketUrl(), `${bench.server.url()}?sslrootcert=${encodeURIComponent(ca)}`]) {
        const running = await bench.record({ url });
        await running.until(() => running.sink.changes.length === 3, 'three rows');
        assert.deepEqual(running.sink.changes, ['insert public.t new(1,a)', 'update public.t new(1,b)', 'delete public.t old-key(1,null)']);
        await running.source.stop();
      }
    });

    test('confirms what is acknowledged, and nothing else', async () => {
      const running = await bench.record();
      await bench.server.query("INSERT INTO t VALUES (1, 'a')");
      await running.until(() => running.sink.lines.some((line) => line.startsWith('commit')), 'the first transaction');
      const first = bench.lastCommit(running);
      const start = await bench.confirmed();
      await bench.server.query("INSERT INTO t VALUES (2, 'b')");
      await running.until(() => running.sink.changes.length === 2, 'the second row');
      assert.equal(await bench.confirmed(), start, 'reading does not confirm');
      running.source.ack(first);
      await until(async () => (await bench.confirmed()) > start, { what: 'the acknowledgement to arrive' });
      const [row] = await bench.server.query<{ at: string }>(`SELECT ('${lsnOf(first)}'::pg_lsn - '0/0')::text AS at`);
      assert.equal(await bench.confirmed(), BigInt(row!.at));
      assert.throws(() => running.source.ack(running.source.positionOf(0, 1)), { code: 'INTERNAL' });
      await bench.finish(running);
    });

    test('has the last acknowledgement confirmed when stop returns', async () => {
      const running = await bench.record();
      for (let id = 1; id <= 20; id++) await bench.server.query('INSERT INTO t VALUES ($1)', [id]);
      await running.until(() => running.sink.changes.length === 20, '20 rows');
      const last = bench.lastCommit(running);
      // The second one is held back for a moment, as one of many might follow.
      running.source.ack(bench.positionOf(running.sink.lines.find((line) => line.startsWith('commit'))!.slice('commit '.length)));
      running.source.ack(last);
      await running.source.stop();
      const [row] = await bench.server.query<{ same: boolean }>(
        `SELECT confirmed_flush_lsn = '${lsnOf(last)}'::pg_lsn AS same FROM pg_replication_slots WHERE slot_name = '${bench.slot}'`,
      );
      assert.equal(row!.same, true);
      assert.equal(await running.ended(), null);
    });

    test('goes on where an earlier one stopped', async () => {
      const first = await bench.record();
      await bench.server.query("INSERT INTO t VALUES (1, 'a')");
      await first.until(() => first.sink.changes.length === 1, 'a row');
      const from = lsnOf(bench.lastCommit(first))!;
      await first.source.stop();
      await bench.server.query("INSERT INTO t VALUES (2, 'b')");
      const second = await bench.record({ from });
      await second.until(() => second.sink.changes.length === 1, 'a row');
      assert.deepEqual(second.sink.changes, ['insert public.t new(2,b)']);
      await bench.finish(second);
    });

    test('makes progress on a database whose published tables are quiet', async () => {
      const running = await bench.record();
      const start = await bench.confirmed();
      const acknowledge = () => {
        // Up to PostgreSQL 14, transactions without a change for us come all the same.
        const [, lsn] = /^(?:idle|commit) (.*)/.exec(running.sink.lines.findLast((line) => /^(idle|commit)/.test(line)) ?? '') ?? [];
        if (lsn !== undefined) running.source.ack(bench.positionOf(lsn));
      };
      await until(
        async () => {
          await bench.server.query('INSERT INTO other SELECT max(id) + 1 FROM (SELECT id FROM other UNION SELECT 0) x');
          acknowledge();
          return (await bench.confirmed()) > start + 10_000n;
        },
        { what: 'the slot to move' },
      );
      assert.deepEqual(running.sink.changes, []);
      assert.equal(
        running.sink.lines.filter((line) => line.startsWith('begin')).length,
        running.sink.lines.filter((line) => line.startsWith('commit')).length,
      );
      await bench.finish(running);
    });

    test('tells how it is doing', async () => {
      const running = await bench.record();
      await bench.server.query("INSERT INTO t SELECT n, repeat('x', 1000) FROM generate_series(1, 50) n");
      await running.until(() => running.sink.changes.length === 50, '50 rows');
      await running.until(() => running.source.status().lagBytes !== null, 'the lag to be known');
      const { connected, stalled, receivedBytes, transactions, reconnects, silentMs } = running.source.status();
      assert.deepEqual(
        { connected, stalled, transactions, reconnects },
        { connected: true, stalled: false, transactions: 1, reconnects: 0 },
      );
      assert.ok(receivedBytes > 50_000 && silentMs >= 0);
      running.sink.refusals = Infinity;
      await bench.server.query("INSERT INTO t SELECT n, repeat('x', 1000) FROM generate_series(51, 100) n");
      await running.until(() => running.source.status().stalled, 'the stall');
      await running.until(() => running.source.status().lagBytes! > 50_000, 'the lag to grow');
      await bench.finish(running);
      assert.equal(running.source.status().connected, false);
    });
  });
}
