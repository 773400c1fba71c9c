import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, v int)';

const SKIP = skipUnless(...NEEDS);

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
serversForFile(SKIP, (started) => (servers = started), { version: '15', settings: { max_prepared_transactions: 5 } });

const idsOf = async (feed: Feed) => (await feed.messages()).map(({ data }) => data['id']);

describe('transactions', { skip: SKIP }, () => {
  test('savepoints and prepared transactions: what was decided comes, once, when it was decided', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 1 });
    await feed.engine.start();
    await feed.query(`
      BEGIN; INSERT INTO t VALUES (1); SAVEPOINT a; INSERT INTO t VALUES (2); ROLLBACK TO a; INSERT INTO t VALUES (3);
      SAVEPOINT b; INSERT INTO t VALUES (4); RELEASE b; SAVEPOINT c; INSERT INTO t VALUES (5); ROLLBACK TO c; COMMIT`);
    await feed.query("BEGIN; INSERT INTO t VALUES (10); PREPARE TRANSACTION 'kept'");
    await feed.query("BEGIN; INSERT INTO t VALUES (11); PREPARE TRANSACTION 'undone'");
    await feed.query('INSERT INTO t VALUES (6)');
    await feed.untilCount(4);
    await feed.engine.stop();
    await feed.engine.start();
    await feed.query("ROLLBACK PREPARED 'undone'");
    await feed.query("COMMIT PREPARED 'kept'");
    await feed.query('INSERT INTO t VALUES (7)');
    await feed.untilCount(6);
    await feed.engine.stop();
    const messages = await feed.messages();
    assert.deepEqual(
      messages.map(({ data, commit }) => [data['id'], commit === true]),
      [1, 3, 4, 6, 10, 7].map((id) => [id, id !== 1 && id !== 3]),
    );
  });

  test('overlapping transactions over a restart: one that began early and committed late is not skipped', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 1 });
    const early = await servers.database.client(feed.name);
    t.after(() => early.end());
    await feed.engine.start();
    await early.query('BEGIN; INSERT INTO t VALUES (1), (2)');
    await feed.query('INSERT INTO t VALUES (3)');
    await feed.untilCount(1);
    await feed.engine.stop();
    await feed.query('INSERT INTO t VALUES (4)');
    await early.query('INSERT INTO t VALUES (5); COMMIT');
    await feed.engine.start();
    await feed.untilCount(5);
    await feed.engine.stop();
    assert.deepEqual(await idsOf(feed), [3, 4, 1, 2, 5]);
  });

  test('a key change as the last row of a transaction, then a kill: nothing lost, the keys right', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 1 });
    await feed.engine.start();
    await feed.query('BEGIN; INSERT INTO t VALUES (1), (2); UPDATE t SET id = 3 WHERE id = 1; COMMIT');
    await feed.untilCount(3);
    await feed.engine.kill9();
    await feed.query('UPDATE t SET v = 1 WHERE id = 3');
    await feed.engine.start();
    await until(async () => (await feed.keyed()).at(-1)!.data['v'] === 1, { what: 'the last update' });
    const keys = (await feed.keyed()).map(({ type, key }) => `${type} ${key}`);
    const all = ['insert {"id":1}', 'insert {"id":2}', 'update {"id":3}', 'update {"id":3}'];
    assert.deepEqual(keys.slice(-1), all.slice(-1));
    assert.deepEqual(keys.slice(0, 3), all.slice(0, 3));
    assert.ok(keys.length === 4 || keys.length === 7, 'the whole transaction again, or nothing of it');
  });

  test('many rows of one position, and a stop among them: a resume skips none', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, options: { CHECKPOINT_INTERVAL: '10ms' } });
    await feed.engine.start();
    const copy = servers.database.psql('INSERT INTO t SELECT n FROM generate_series(1, 60000) n', feed.name);
    await until(async () => (await feed.engine.metric('millrace_rows_total')) > 0, { what: 'rows to be read' });
    await feed.engine.kill9();
    await copy;
    await feed.engine.start();
    await feed.untilConfirmed();
    assert.equal(new Set(await idsOf(feed)).size, 60_000);
  });

  test('logical messages, in transactions and out of them, make no message and take none away', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 1 });
    await feed.engine.start();
    await feed.query("SELECT pg_logical_emit_message(true, 'p', 'alone')");
    await feed.query(
      "BEGIN; INSERT INTO t VALUES (1); SELECT pg_logical_emit_message(true, 'p', 'within'); INSERT INTO t VALUES (2); COMMIT",
    );
    await feed.query("SELECT pg_logical_emit_message(false, 'p', repeat('x', 100000))");
    await feed.untilCount(2);
    await feed.engine.stop();
    await feed.query("SELECT pg_logical_emit_message(true, 'p', 'behind'); SELECT pg_logical_emit_message(false, 'p', 'behind')");
    await feed.query('INSERT INTO t VALUES (3)');
    await feed.engine.start();
    await feed.untilCount(3);
    assert.deepEqual(await idsOf(feed), [1, 2, 3]);
  });
});

describe('the slot', { skip: SKIP }, () => {
  test('an idle database, beside a busy table and a busy database, moves its slot on', async (t) => {
    const feed = await servers.feed(t, { schema: `${SCHEMA}; CREATE TABLE busy (id serial, pad text)`, options: { TABLES: 't' } });
    await feed.engine.start();
    for (const database of [feed.name, 'postgres']) {
      await servers.database.query('CREATE TABLE IF NOT EXISTS busy (id serial, pad text)', undefined, database);
      await servers.database.query("INSERT INTO busy (pad) SELECT repeat('x', 100) FROM generate_series(1, 5000)", undefined, database);
      await feed.untilConfirmed();
    }
    assert.equal(await feed.count(), 0);
  });

  test('wal_sender_timeout = 0: rows flow, the slot moves, no connection is given up', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA });
    await feed.query(`ALTER DATABASE ${feed.name} SET wal_sender_timeout = 0`);
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);
    await feed.untilConfirmed();
    assert.equal(await feed.engine.metric('millrace_source_reconnects_total'), 0);
  });

  test('a slot that was dropped and made again behind our back is refused, not continued', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA });
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);
    await feed.engine.stop();
    await feed.query('INSERT INTO t VALUES (2)');
    await feed.dropSlot();
    await feed.query(`SELECT pg_create_logical_replication_slot('${feed.slot}', 'pgoutput')`);
    feed.engine.launch();
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    assert.match(feed.engine.log(), /"code":"SLOT_AHEAD"/);
  });

  test('a slot without a stored position is taken over from where it stands, when asked, and never from the end of the log', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA });
    await feed.query(`CREATE PUBLICATION millrace_${feed.name} FOR TABLE t`);
    await feed.query(`SELECT pg_create_logical_replication_slot('${feed.slot}', 'pgoutput')`);
    await feed.query('INSERT INTO t VALUES (1)');
    feed.engine.launch();
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    assert.match(feed.engine.log(), /"code":"SLOT_FOREIGN"/);
    await feed.engine.start({ SLOT_ADOPT: 'true' });
    await feed.untilCount(1);
    assert.deepEqual(await idsOf(feed), [1]);
  });
});
