import assert from 'node:assert/strict';
import test, { afterEach, beforeEach, describe } from 'node:test';
import { openSession } from '../../../../engine/source/postgres/connection.ts';
import { parseConnectionUrl } from '../../../../engine/source/postgres/url.ts';
import { recordSource, type RunningSource } from '../../../support/postgres-source.ts';
import { startPostgres, type PostgresServer } from '../../../support/postgres.ts';
import { WITHOUT_END } from '../../../support/retry.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until, within } from '../../../support/wait.ts';

for (const version of ['15', '18'] as const) {
  describe(`connections to PostgreSQL ${version} that end`, { skip: skipUnless(`postgres-${version}`), concurrency: 1 }, () => {
    let server: PostgresServer;
    let running: RunningSource;

    beforeEach(async () => {
      server = await startPostgres({ version, settings: { wal_sender_timeout: '1s' } });
      await server.query('CREATE TABLE t(id int PRIMARY KEY, v text)');
      await server.query('CREATE PUBLICATION p FOR TABLE t');
      await server.query("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
      running = await recordSource({ server, slot: 's', publication: 'p' });
      await server.query("INSERT INTO t VALUES (0, 'first')");
      await running.until(() => running.sink.changes.length === 1, 'the first row');
    });
    afterEach(async () => {
      await running.source.stop();
      await server.destroy();
    });

    async function walSender(): Promise<number | null> {
      const [row] = await server.query<{ pid: number | null }>("SELECT active_pid AS pid FROM pg_replication_slots WHERE slot_name = 's'");
      return row?.pid ?? null;
    }

    const ids = () => running.sink.changes.map((line) => Number(/new\((\d+)/.exec(line)?.[1]));

    /** Rows 0 to `count`, each once and in order. */
    async function expectRows(count: number): Promise<void> {
      await running.until(() => running.sink.changes.length > count, `row ${count}`);
      assert.deepEqual(
        ids(),
        Array.from({ length: count + 1 }, (_, id) => id),
      );
      const begins = running.sink.lines.filter((line) => line.startsWith('begin'));
      assert.equal(new Set(begins).size, begins.length, 'no transaction began twice');
    }

    test('in the middle of a transaction: its rows come once', async () => {
      running.sink.limit = 1_000;
      // So little that the server never waits for us: a walsender that waits to write does not heed pg_terminate_backend.
      await server.query('INSERT INTO t SELECT n, repeat($1, 50) FROM generate_series(1, 5000) n', ['x']);
      for (const limit of [1_000, 2_000, 2_000, 4_000]) {
        running.sink.limit = limit;
        running.source.resume();
        await running.until(() => running.sink.changes.length === limit && running.source.status().stalled, `row ${limit}`);
        const pid = await walSender();
        await server.query('SELECT pg_terminate_backend($1)', [pid]);
        await running.until(async () => ![pid, null].includes(await walSender()), 'another walsender');
      }
      running.sink.limit = Infinity;
      running.source.resume();
      await expectRows(5000);
      assert.equal(running.source.status().reconnects, 4);
    });

    test('between transactions: what was written meanwhile comes', async () => {
      const pid = await walSender();
      await server.query('SELECT pg_terminate_backend($1)', [pid]);
      await server.query("INSERT INTO t VALUES (1, 'meanwhile')");
      await expectRows(1);
      assert.equal(running.source.status().reconnects, 1);
      assert.match(running.warnings.join('\n'), /CONNECTION_LOST/);
    });

    test('the side connection alone: both are made anew', async () => {
      await server.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace' AND backend_type = 'client backend'",
      );
      await running.until(() => running.source.status().reconnects === 1, 'the reconnect');
      await server.query("INSERT INTO t VALUES (1, 'after')");
      await expectRows(1);
    });

    test('with the server, killed: rows that were committed come after its recovery', async () => {
      await server.query("INSERT INTO t VALUES (1, 'before')");
      await expectRows(1);
      await server.kill9();
      await running.until(() => running.warnings.some((line) => line.includes('SERVER_UNREACHABLE')), 'an attempt in vain');
      assert.equal(running.source.status().connected, false);
      await server.start();
      await server.query("INSERT INTO t VALUES (2, 'after')");
      await expectRows(2);
    });

    test('a fast shutdown is not held up by a stream that is stalled and acknowledges nothing', async () => {
      running.sink.refusals = Infinity;
      await server.query("INSERT INTO t SELECT n, repeat('x', 500) FROM generate_series(1, 20000) n");
      await running.until(() => running.source.status().stalled, 'the stall');
      await within(server.stop('fast'), 30_000, 'the shutdown');
      running.sink.refusals = 0;
      await server.start();
      await expectRows(20_000);
    });

    test('a fast shutdown is not held up by an idle stream that acknowledges nothing', async () => {
      await within(server.stop('fast'), 30_000, 'the shutdown');
      await server.start();
      await server.query("INSERT INTO t VALUES (1, 'after')");
      await expectRows(1);
    });

    test('no connection ends because the sink is full for longer than wal_sender_timeout', async () => {
      const pid = await walSender();
      running.sink.refusals = Infinity;
      await server.query("INSERT INTO t SELECT n, repeat('x', 500) FROM generate_series(1, 20000) n");
      await running.until(() => running.source.status().stalled, 'the stall');
      const since = performance.now();
      await until(async () => performance.now() - since > 4_000 && (await walSender()) === pid, { what: 'four times the limit' });
      running.sink.refusals = 0;
      running.source.resume();
      await expectRows(20_000);
      assert.equal(await walSender(), pid);
      assert.equal(running.source.status().reconnects, 0);
    });

    test('a slot that another reader has is waited for', async () => {
      await running.source.stop();
      const holder = await recordSource({ server, slot: 's', publication: 'p' });
      await until(async () => (await walSender()) !== null, { what: 'the other reader' });
      running = await recordSource({ server, slot: 's', publication: 'p' });
      await running.until(() => running.warnings.some((line) => line.startsWith('SLOT_ACTIVE')), 'the refusal');
      await holder.source.stop();
      await expectRows(0);
    });

    test('a slot that is dropped meanwhile ends the source', async () => {
      await server.query("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = 's'");
      await until(async () => server.query("SELECT pg_drop_replication_slot('s')").then(() => true), { what: 'the slot to be free' });
      assert.equal((await running.ended())?.code, 'SLOT_MISSING');
    });

    // From 18 on the server says nothing: the look at the publication does.
    if (version === '15') {
      test('a publication that is dropped meanwhile ends the source', async () => {
        await server.query('DROP PUBLICATION p');
        await server.query("INSERT INTO t VALUES (1, 'lost')");
        assert.equal((await running.ended())?.code, 'PUBLICATION_MISSING');
      });
    }

    test('stop ends the attempts', async () => {
      await server.stop('immediate');
      await running.until(() => running.warnings.length > 4, 'attempts in vain');
      const waits = running.warnings.map((line) => Number(/next attempt in (\d+) ms/.exec(line)?.[1]));
      assert.ok(waits[2]! > waits[0]! && waits[4]! > waits[2]!, `the waits grow: ${waits.join()}`);
      await within(running.source.stop(), 10_000, 'the stop');
      assert.equal(await running.ended(), null);
    });
  });
}

for (const version of ['15', '18'] as const) {
  test(
    `PostgreSQL ${version}: the last walsender is somebody else's: it is waited for, and the limit is named`,
    {
      skip: skipUnless(`postgres-${version}`),
    },
    async (t) => {
      const server = await startPostgres({ version, settings: { max_wal_senders: 1 } });
      t.after(() => server.destroy());
      await server.query('CREATE TABLE t(id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE t');
      await server.query("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
      const { settings } = parseConnectionUrl(server.url(), {});
      const other = await openSession({ settings, kind: 'replication', warn: () => undefined });
      const running = await recordSource({ server, slot: 's', publication: 'p' });
      t.after(() => running.source.stop());
      await server.query('INSERT INTO t VALUES (1)');
      const named = /^WAL_SENDERS_EXHAUSTED: .*\(currently 1\).* raise max_wal_senders and restart the server.; next attempt in \d+ ms$/;
      await running.until(() => running.warnings.filter((line) => named.test(line)).length >= 2, 'two refusals');
      await other.close();
      await running.until(() => running.sink.changes.length === 1, 'the row');
    },
  );
}

test('a server that is gone for good: given up after as many attempts as are allowed', { skip: skipUnless('postgres-15') }, async (t) => {
  const server = await startPostgres({ version: '15' });
  t.after(() => server.destroy());
  await server.query('CREATE TABLE t(id int PRIMARY KEY)');
  await server.query('CREATE PUBLICATION p FOR TABLE t');
  await server.query("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
  const options = { retry: { ...WITHOUT_END, attempts: 3, backoffMs: 50 } };
  const running = await recordSource({ server, slot: 's', publication: 'p', options });
  t.after(() => running.source.stop());
  await running.until(() => running.source.status().connected, 'the connection');
  await server.kill9();
  const error = await running.ended();
  assert.equal(error?.code, 'RETRIES_EXHAUSTED');
  assert.match(error.message, /after 3 more attempts .*SERVER_UNREACHABLE/);
});
