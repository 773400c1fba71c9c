import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { startMariadb } from '../support/mariadb.ts';
import { MARIADB, MYSQL, withoutPlugin } from '../support/mysql-install.ts';
import { promote, replicate } from '../support/mysql-replication.ts';
import type { MysqlOptions } from '../support/mysql-server.ts';
import { Proxy } from '../support/proxy.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { BinlogStage } from './binlog-stage.ts';

/** What operators do to a server while it is read, or while nobody reads it. Each statement list runs while the changefeed stands. */
async function stageOf(t: TestContext, flavor: 'mariadb' | 'mysql', schema: string, server: MysqlOptions = {}): Promise<BinlogStage> {
  const stage = await BinlogStage.set(t, { flavor, schema, ...server, options: { TABLES: 'shop.t' } });
  await stage.engine.start();
  await stage.engine.stop();
  return stage;
}

async function rowsAfter(stage: BinlogStage, count: number): Promise<Record<string, unknown>[]> {
  await stage.engine.start();
  await stage.untilCount(count);
  await stage.engine.stop();
  return (await stage.messages()).map(({ type, data }) => ({ type, ...data }));
}

const insert = (id: number, rest: object): object => ({ type: 'insert', id, ...rest });

for (const flavor of ['mariadb', 'mysql'] as const) {
  describe(`a server of ${flavor} and its operators`, { skip: skipUnless('kafka', 'kcat', flavor) }, () => {
    test('columns that swap their names while nobody reads: each row by the names of its time', async (t) => {
      const stage = await stageOf(t, flavor, 'CREATE TABLE t (id int PRIMARY KEY, a int, b int)');
      await stage.query(`INSERT INTO t (id, a, b) VALUES (1, 10, 20);
        ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a;
        INSERT INTO t (id, a, b) VALUES (2, 10, 20)`);
      assert.deepEqual(await rowsAfter(stage, 2), [insert(1, { a: 10, b: 20 }), insert(2, { b: 20, a: 10 })]);
    });

    test('a schema change by a shadow table, triggers and a rename: rows of the table alone, in the form of their time', async (t) => {
      const stage = await stageOf(t, flavor, 'CREATE TABLE t (id int PRIMARY KEY, v varchar(20))');
      await stage.query(`INSERT INTO t VALUES (1, 'a');
        CREATE TABLE _t_new LIKE t; ALTER TABLE _t_new ADD COLUMN n bigint DEFAULT 7, MODIFY v varchar(300);
        CREATE TRIGGER added AFTER INSERT ON t FOR EACH ROW REPLACE INTO _t_new (id, v) VALUES (NEW.id, NEW.v);
        INSERT INTO _t_new (id, v) SELECT id, v FROM t;
        INSERT INTO t VALUES (2, 'b'); DROP TRIGGER added;
        RENAME TABLE t TO _t_old, _t_new TO t; INSERT INTO _t_old VALUES (9, 'gone');
        INSERT INTO t VALUES (3, REPEAT('c', 300), 9007199254740993); DROP TABLE _t_old; UPDATE t SET v = 'd' WHERE id = 1`);
      const [first, second, third, update] = await rowsAfter(stage, 4);
      assert.deepEqual([first, second], [insert(1, { v: 'a' }), insert(2, { v: 'b' })]);
      assert.equal(third!['v'], 'c'.repeat(300));
      assert.deepEqual(update, { type: 'update', id: 1, v: 'd', n: 7 });
    });

    test('what a session keeps out of the log is not exported, and its definitions misplace nothing', async (t) => {
      const stage = await stageOf(t, flavor, 'CREATE TABLE t (id int PRIMARY KEY, a int)');
      await stage.query(`INSERT INTO t VALUES (1, 1); SET SESSION sql_log_bin = 0; INSERT INTO t VALUES (2, 2);
        ALTER TABLE t ADD COLUMN z int DEFAULT 5 FIRST; SET SESSION sql_log_bin = 1; INSERT INTO t (z, id, a) VALUES (6, 3, 3)`);
      assert.deepEqual(await rowsAfter(stage, 2), [insert(1, { a: 1 }), { type: 'insert', z: 6, id: 3, a: 3 }]);
    });

    test('temporary tables of the same name are none of its rows; tables without transactions are', async (t) => {
      const stage = await stageOf(t, flavor, 'CREATE TABLE t (id int PRIMARY KEY, a int) ENGINE=MyISAM');
      await stage.query(`INSERT INTO t VALUES (1, 1); CREATE TEMPORARY TABLE t (id int PRIMARY KEY, a int);
        INSERT INTO t VALUES (8, 8), (9, 9); DROP TEMPORARY TABLE t; INSERT INTO t VALUES (2, 2), (3, 3)`);
      assert.deepEqual(await rowsAfter(stage, 3), [insert(1, { a: 1 }), insert(2, { a: 2 }), insert(3, { a: 3 })]);
    });

    test('files that are purged while it stands: a named error and no skip (bug 27)', async (t) => {
      const stage = await stageOf(t, flavor, 'CREATE TABLE t (id int PRIMARY KEY)');
      await stage.query('INSERT INTO t VALUES (1); FLUSH BINARY LOGS; INSERT INTO t VALUES (2); FLUSH BINARY LOGS');
      const file = basename(stage.database.binlogs().at(-1)!);
      // MariaDB keeps a file without a word while the dump that read it has not noticed its end.
      const isPurged = async () => {
        await stage.database.query(`PURGE BINARY LOGS TO '${file}'`);
        return (await stage.database.query('SHOW BINARY LOGS')).length === 1;
      };
      await until(isPurged, { deadlineMs: 60_000, everyMs: 100, what: 'the files to be purged' });
      stage.engine.launch();
      const { code } = await stage.engine.ended(60_000);
      assert.notEqual(code, 0);
      assert.match(stage.engine.log(), /BINLOG_PURGED/);
      assert.deepEqual(await stage.broker.endOffsets('changes'), [0]);
    });
  });
}

test(
  'a server whose replica takes its address: the capture goes on there by itself, from its checkpoint',
  { skip: skipUnless('kafka', 'kcat', 'mariadb') },
  async (t) => {
    const stage = await BinlogStage.set(t, { flavor: 'mariadb', schema: 'CREATE TABLE t (id int PRIMARY KEY)', options: { TABLES: 't' } });
    const { database, engine } = stage;
    const replica = await startMariadb({ settings: { 'server-id': 2 } });
    t.after(() => replica.destroy());
    await replicate(replica, database);
    const proxy = await Proxy.start(database.port);
    t.after(() => proxy.stop());
    await engine.start({ SOURCE_URL: `${database.url().replace(`:${database.port}`, `:${proxy.port}`)}/shop`, RETRY_BACKOFF: '100ms' });
    await stage.query('INSERT INTO t VALUES (1)');
    await stage.untilCount(1);
    proxy.turnTo(replica.port);
    proxy.mend();
    await stage.query('INSERT INTO t VALUES (2)');
    await until(async () => (await replica.query('SELECT id FROM shop.t')).length === 2, { what: 'the replica to have all' });
    await promote(replica);
    await replica.query('INSERT INTO shop.t VALUES (3)');
    await stage.untilCount(3);
    assert.equal((await engine.stop()).code, 0);
    assert.deepEqual(
      (await stage.messages()).map(({ data }) => data['id']),
      [1, 2, 3],
    );
    assert.match(engine.log(), /SERVER_SWITCHED/);
  },
);

test('MariaDB: keys and values of temporal types of before MySQL 5.6', { skip: skipUnless('kafka', 'kcat', 'mariadb') }, async (t) => {
  const schema = 'CREATE TABLE t (id datetime(3) PRIMARY KEY, a time(6), b timestamp(1) NULL, c datetime, d time)';
  const stage = await stageOf(t, 'mariadb', schema, { settings: { 'mysql56-temporal-format': 'OFF' } });
  const row = {
    id: '2020-01-02 03:04:05.678',
    a: '-12:34:56.789012',
    b: '2020-01-02 03:04:05.1',
    c: '2020-01-02 03:04:05',
    d: '-00:00:01',
  };
  const values = Object.values(row).map((value) => `'${value}'`);
  await stage.query(`INSERT INTO t VALUES (${values.join()}); UPDATE t SET a = '00:00:00.000001'; DELETE FROM t`);
  assert.deepEqual(await rowsAfter(stage, 3), [
    { type: 'insert', ...row },
    { type: 'update', ...row, a: '00:00:00.000001' },
    { type: 'delete', ...row, a: '00:00:00.000001' },
  ]);
  const keys = (await stage.records()).map(({ key }) => JSON.parse(key!.toString()) as Record<string, unknown>);
  for (const key of keys) assert.equal(key['pk.id'], row.id);
});

const LONG_TEXTS = 'CREATE TABLE t (id int PRIMARY KEY, v varchar(4000))';
/** By flavor: settings of a server that answers a commit when a replica has it, or after a moment, and the count of the latter. */
const SEMI_SYNC = {
  mariadb: [{ 'rpl-semi-sync-master-enabled': 'ON', 'rpl-semi-sync-master-timeout': 200 }, 'Rpl_semi_sync_master_no_times'],
  mysql: [
    { 'plugin-load-add': 'semisync_source.so', 'rpl-semi-sync-source-enabled': 'ON', 'rpl-semi-sync-source-timeout': 200 },
    'Rpl_semi_sync_source_no_times',
  ],
} as const;
const COMPRESSION = {
  mariadb: { 'log-bin-compress': 'ON', 'log-bin-compress-min-len': 10 },
  mysql: { 'binlog-transaction-compression': 'ON' },
} as const;
/** With it the server takes keys that a data directory brings. */
const KEYRING_SETTINGS = 'component_keyring_file.cnf';
const WITHOUT_PLUGIN = {
  // Built into MariaDB.
  semiSync: { mariadb: false, mysql: withoutPlugin(MYSQL, 'semisync_source.so') },
  encryption: { mariadb: withoutPlugin(MARIADB, 'file_key_management.so'), mysql: withoutPlugin(MYSQL, KEYRING_SETTINGS) },
} as const;

for (const flavor of ['mariadb', 'mysql'] as const) {
  const skip = skipUnless('kafka', 'kcat', flavor);

  test(`${flavor}: a compressed log`, { skip }, async (t) => {
    await writeAndRead(await stageOf(t, flavor, LONG_TEXTS, { settings: COMPRESSION[flavor] }));
  });

  test(`${flavor}: a server that waits for replicas`, { skip: skip || WITHOUT_PLUGIN.semiSync[flavor] }, async (t) => {
    const [settings, count] = SEMI_SYNC[flavor];
    const stage = await stageOf(t, flavor, LONG_TEXTS, { settings });
    await writeAndRead(stage);
    const [status] = await stage.database.query<{ Value: string }>(`SHOW STATUS LIKE '${count}'`);
    assert.ok(Number(status!.Value) >= 1, 'it waited for a replica that acknowledges, and went on without');
  });

  test(`${flavor}: an encrypted log`, { skip: skip || WITHOUT_PLUGIN.encryption[flavor] }, async (t) => {
    const stage = await stageOf(t, flavor, LONG_TEXTS, flavor === 'mariadb' ? encryptedMariadb() : encryptedMysql());
    await writeAndRead(stage);
    const log = readFileSync(stage.database.binlogs().at(-1)!);
    assert.equal(log.includes('y'.repeat(1000)), false, 'no plain text in the file');
  });
}

async function writeAndRead(stage: BinlogStage): Promise<void> {
  await stage.query("INSERT INTO t VALUES (1, REPEAT('x', 3000)); FLUSH BINARY LOGS; UPDATE t SET v = REPEAT('y', 2000)");
  const rows = await rowsAfter(stage, 2);
  assert.deepEqual(rows, [insert(1, { v: 'x'.repeat(3000) }), { type: 'update', id: 1, v: 'y'.repeat(2000) }]);
}

function encryptedMariadb(): MysqlOptions {
  const keys = join(tempDir(undefined, 'millrace-keys-'), 'keys');
  writeFileSync(keys, `1;${'a1'.repeat(32)}\n`);
  const settings = { 'plugin-load-add': 'file_key_management', 'file-key-management-filename': keys, 'encrypt-binlog': 'ON' };
  return { settings };
}

function encryptedMysql(): MysqlOptions {
  const path = join(tempDir(undefined, 'millrace-keys-'), 'keyring');
  const files = {
    'mysqld.my': JSON.stringify({ components: 'file://component_keyring_file' }),
    [KEYRING_SETTINGS]: JSON.stringify({ path, read_only: false }),
  };
  return { settings: { 'binlog-encryption': 'ON' }, files };
}
