import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assertRate, Load } from '../../../bench/latency/load.ts';
import { BinlogDatabase } from '../../../bench/mariadb/database.ts';
import { ordersOfBinlog } from '../../../bench/mariadb/orders-source.ts';
import { insertOrders } from '../../../bench/support/orders.ts';
import { BenchDatabase } from '../../../bench/support/database.ts';
import { startMariadb } from '../../support/mariadb.ts';
import { startMysql } from '../../support/mysql.ts';
import { SUPERUSER } from '../../support/postgres-install.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { skipUnless } from '../../support/skip.ts';
import { tempDir } from '../../support/temp.ts';

const skip = skipUnless('postgres-15');

const BINLOG_SERVERS = [
  { flavor: 'mariadb', start: startMariadb },
  { flavor: 'mysql', start: startMysql },
] as const;

test('a load that falls short of its rate by more than a hundredth is void', () => {
  assertRate(990, 1_000);
  assert.throws(() => assertRate(989.9, 1_000), /989\.9 of 1000 commits\/s.* void/);
});

describe('the load generator', { skip }, () => {
  let server: PostgresServer;
  let database: BenchDatabase;
  before(async () => {
    if (skip !== false) return;
    server = await startPostgres({ version: '15' });
    database = await BenchDatabase.create(server, 'load');
  });
  after(async () => {
    await database?.drop();
    await server?.destroy();
  });

  const task = (insert: string, timesPath: string) => ({
    // Longer than any test: it ends because it is told to.
    schedule: { rate: 100, rowsPerCommit: 3, warmUpSeconds: 0, measuredSeconds: 3_600 },
    target: { kind: 'postgres', host: server.socketDir, port: server.port, user: SUPERUSER, database: database.name, insert } as const,
    timesPath,
  });

  test('is ended early, and has told of every commit that it made', { timeout: 60_000 }, async (t) => {
    const load = new Load(task(insertOrders('1000 + $1', '1000 + $2'), join(tempDir(t), 'times')));
    t.after(() => load.kill());
    await load.warmedUp();
    load.stop();
    const { times } = await load.finished();
    const commits = times.answered.filter((time) => time !== 0n).length;
    assert.ok(commits > 0);
    const { rows } = await database.client.query<{ rows: string; first: string }>('select count(*) as rows, min(id) as first from orders');
    assert.deepEqual(rows, [{ rows: String(commits * 3), first: '1001' }]);
  });

  for (const { flavor, start } of BINLOG_SERVERS) {
    test(`inserts into ${flavor} as well`, { skip: skipUnless(flavor), timeout: 60_000 }, async (t) => {
      const binlogs = await start();
      const orders = await BinlogDatabase.create(binlogs, 'bench');
      const schedule = { rate: 100, rowsPerCommit: 3, warmUpSeconds: 0, measuredSeconds: 1 };
      const load = new Load({ schedule, target: ordersOfBinlog(orders).target, timesPath: join(tempDir(t), 'times') });
      t.after(() => load.kill());
      const { times } = await load.finished();
      assert.equal(times.answered.filter((time) => time !== 0n).length, 100);
      const [row] = await binlogs.query('select count(*) as number, min(id) as first, max(id) as last from bench.orders');
      assert.deepEqual(row, { number: 300, first: 1, last: 300 });
      const broken = new Load({
        schedule,
        target: { ...ordersOfBinlog(orders).target, insert: 'insert into orders values (?, ?)' },
        timesPath: '',
      });
      t.after(() => broken.kill());
      await assert.rejects(broken.finished(), /the load generator failed: .*Column count/s);
      await orders.drop();
      await binlogs.destroy();
    });
  }

  test('that fails says why', { timeout: 60_000 }, async (t) => {
    const load = new Load(task('insert into nowhere values ($1, $2)', join(tempDir(t), 'times')));
    t.after(() => load.kill());
    await assert.rejects(load.warmedUp(), /the load generator failed: .*relation "nowhere" does not exist/s);
    await assert.rejects(load.finished(), /the load generator failed/);
  });
});
