import assert from 'node:assert/strict';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { blockOf } from '../support/handbook.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { carryOutRecipe } from './recipes.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE orders (id int PRIMARY KEY)';
const insert = (from: number, to: number) => `INSERT INTO orders SELECT generate_series(${from}, ${to})`;

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
serversForFile(SKIP, (started) => (servers = started), {
  version: '15',
  settings: { max_slot_wal_keep_size: '1MB', min_wal_size: '32MB', max_wal_size: '32MB' },
});

/** A feed that has exported the rows 1 to 10 and is stopped. */
async function exported(t: TestContext): Promise<Feed> {
  const feed = await servers.feed(t, { schema: SCHEMA });
  await feed.engine.start();
  await feed.query(insert(1, 10));
  await feed.untilCount(10);
  await feed.untilConfirmed();
  await feed.engine.stop();
  return feed;
}

/** Carries out a recipe of docs/operations.md for this feed. */
async function followRecipe(feed: Feed, heading: string, options: MillraceOptions = {}): Promise<void> {
  await carryOutRecipe({ engine: feed.engine, name: feed.name, url: servers.database.url(feed.name) }, heading, options);
}

async function refused(feed: Feed, code: string, options: MillraceOptions = {}): Promise<void> {
  feed.engine.launch(options);
  assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
  await toldError(feed.engine, `"code":"${code}"`);
}

/** Waits until each of the ids is in the topic. */
async function untilHolds(feed: Feed, from: number, to: number): Promise<void> {
  const missing = async () => {
    const found = new Set((await feed.messages()).map(({ data }) => data['id']));
    return Array.from({ length: to - from + 1 }, (_, index) => from + index).filter((id) => !found.has(id));
  };
  let left: number[] = [];
  const holds = async () => (left = await missing()).length === 0;
  await until(holds, { deadlineMs: 60_000, everyMs: 500, what: () => `rows ${left.join(', ')}:\n${feed.engine.tail()}` });
}

describe('recipes of docs/operations.md', { skip: SKIP }, () => {
  test('the slot is lost', async (t) => {
    const feed = await exported(t);
    await feed.query(insert(11, 20));
    const fill = "SELECT pg_logical_emit_message(false, 'fill', repeat('x', 1000000)) FROM generate_series(1, 17)";
    for (let i = 0; i < 3; i++) await feed.query(`${fill}; SELECT pg_switch_wal()`);
    await feed.query('CHECKPOINT');
    await refused(feed, 'SLOT_LOST');
    await followRecipe(feed, 'The slot is lost');
    await feed.query(insert(21, 30));
    await untilHolds(feed, 1, 30);
  });

  test('a failover to a server without the slot', async (t) => {
    const feed = await exported(t);
    await feed.dropSlot();
    await feed.query(insert(11, 20));
    await refused(feed, 'SLOT_MISSING');
    await followRecipe(feed, 'A failover to a server without the slot');
    await feed.query(insert(21, 30));
    await untilHolds(feed, 1, 30);
  });

  test('a topic was deleted and made again', async (t) => {
    const feed = await exported(t);
    await servers.broker.deleteTopic(feed.name);
    await feed.query(insert(11, 20));
    await refused(feed, 'KAFKA_TOPIC_MISSING');
    await servers.broker.createTopic(feed.name, 4);
    await feed.engine.start();
    await untilHolds(feed, 11, 20);
    await feed.engine.stop();
    assert.equal(await feed.count(), 10);
    await followRecipe(feed, 'A topic was deleted and made again');
    await feed.query(insert(21, 30));
    await untilHolds(feed, 1, 30);
  });

  test('a topic was deleted and made again while the changefeed ran', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA });
    await feed.engine.start();
    await feed.query(insert(1, 10));
    await feed.untilCount(10);
    await servers.broker.deleteTopic(feed.name);
    await feed.query(insert(11, 20));
    await servers.broker.createTopic(feed.name, 4);
    await untilHolds(feed, 11, 20);
    await feed.query(insert(21, 30));
    await untilHolds(feed, 11, 30);
  });

  test('a topic got more partitions', async (t) => {
    const feed = await exported(t);
    await servers.broker.addPartitions(feed.name, 6);
    await feed.query(insert(11, 100));
    await refused(feed, 'KAFKA_PARTITION_COUNT');
    await followRecipe(feed, 'A topic got more partitions');
    await untilHolds(feed, 1, 100);
    assert.ok((await servers.broker.endOffsets(feed.name)).slice(4).some((offset) => offset > 0));
  });

  test('the state directory is lost', async (t) => {
    const feed = await exported(t);
    rmSync(feed.engine.stateDir, { recursive: true });
    await feed.query(insert(11, 20));
    await refused(feed, 'SLOT_FOREIGN');
    await followRecipe(feed, 'The state directory is lost');
    await untilHolds(feed, 1, 20);
    await feed.engine.stop();
    assert.equal(await feed.count(), 20, 'after a clean stop nothing is repeated');
  });

  test('the state directory is lost, and how far the tables were read: as a slot that is lost', async (t) => {
    const schema = `${SCHEMA}; ${insert(1, 10)}`;
    const feed = await servers.feed(t, { schema, options: { SYNC_MODE: 'FULL + INCREMENTAL' } });
    await feed.engine.start();
    await feed.engine.kill9();
    rmSync(feed.engine.stateDir, { recursive: true });
    await refused(feed, 'SLOT_FOREIGN');
    await followRecipe(feed, 'The slot is lost');
    await feed.query(insert(11, 20));
    await untilHolds(feed, 1, 20);
  });

  test('an old state directory was put back', async (t) => {
    const feed = await exported(t);
    const directory = join(feed.engine.stateDir, feed.name);
    cpSync(directory, `${directory}-backup`, { recursive: true });
    await feed.query(insert(11, 20));
    await feed.engine.start();
    await feed.untilCount(20);
    await feed.untilConfirmed();
    await feed.engine.stop();
    rmSync(directory, { recursive: true });
    cpSync(`${directory}-backup`, directory, { recursive: true });
    await feed.query(insert(21, 30));
    await refused(feed, 'SLOT_AHEAD');
    await followRecipe(feed, 'An old state directory was put back');
    await untilHolds(feed, 1, 30);
  });
});

describe('other tables, as docs/operations.md has it', { skip: SKIP }, () => {
  const schema = `${SCHEMA}; CREATE TABLE stock (id int PRIMARY KEY)`;
  const streaming = async (t: TestContext, options: MillraceOptions = {}) => {
    const feed = await servers.feed(t, { schema, options: { TABLES: 'orders', ...options } });
    await feed.engine.start();
    return feed;
  };
  const untilBoth = async (feed: Feed) => {
    const what = () => `the other tables:\n${feed.engine.tail()}`;
    await until(() => feed.engine.log().includes('goes on with the configuration'), { deadlineMs: 60_000, what });
    await feed.query(`${insert(1, 10)}; INSERT INTO stock SELECT generate_series(11, 20)`);
    await untilHolds(feed, 1, 20);
  };

  test('tables chosen over HTTP', async (t) => {
    const feed = await streaming(t);
    await followRecipe(feed, 'Tables chosen over HTTP');
    await untilBoth(feed);
  });

  test('tables changed in the file', async (t) => {
    const file = join(tempDir(), 'millrace.yaml');
    writeFileSync(file, 'tables: orders\n');
    const feed = await servers.feed(t, { schema, options: { CONFIG: file } });
    // The file's own: what the environment says would win over it.
    await feed.engine.start({}, ['TABLES']);
    writeFileSync(file, 'tables: orders,stock\n');
    process.kill(feed.engine.pid, 'SIGHUP');
    await untilBoth(feed);
  });

  test('a table is read again', async (t) => {
    const feed = await streaming(t);
    await feed.query(insert(1, 10));
    await feed.untilCount(10);
    await followRecipe(feed, 'A table is read again');
    await feed.untilCount(20);
  });

  test('a signal table', async (t) => {
    const table = blockOf('The signal table', 'sql', 'docs/snapshots.md');
    const [create, ...orders] = table.trim().split('\n');
    const feed = await servers.feed(t, { schema: `${SCHEMA}; ${create!}`, options: { SIGNAL_TABLE: 'millrace_signal' } });
    await feed.engine.start();
    await feed.query(insert(995, 1004));
    await feed.untilCount(10);
    await feed.query(orders[0]!);
    await feed.untilCount(14);
    await feed.query(orders[1]!);
    await feed.untilConfirmed();
    assert.doesNotMatch(feed.engine.log(), /SIGNAL_INVALID/);
  });
});

describe('grants of docs/operations.md are enough', { skip: SKIP }, () => {
  for (const [heading, mode] of [
    ['`INCREMENTAL`, by a publication that the owner makes', 'INCREMENTAL'],
    ['`INCREMENTAL`, by a publication that Millrace makes', 'INCREMENTAL'],
    ['`FULL + INCREMENTAL`', 'FULL + INCREMENTAL'],
    ['`FULL`', 'FULL'],
  ] as const) {
    test(heading, async (t) => {
      const name = servers.nextName;
      const schema = `CREATE ROLE ${name}_owner; ${SCHEMA}; ALTER TABLE orders OWNER TO ${name}_owner; ${insert(1, 10)}`;
      const direct = new URL(servers.database.url(name));
      direct.username = `${name}_role`;
      direct.password = 'secret';
      const feed = await servers.feed(t, { schema, options: { SYNC_MODE: mode, SOURCE_URL: direct.href, TABLES: 'orders' } });
      const names: readonly (readonly [RegExp, string])[] = [
        [/\bmillrace_default\b/g, `millrace_${name}`],
        [/\bshop_owner\b/g, `${name}_owner`],
        [/\bmillrace\b/g, `${name}_role`],
        [/\bshop\b/g, name],
      ];
      await feed.query(names.reduce((sql, [from, to]) => sql.replace(from, to), blockOf(heading, 'sql')));
      if (mode === 'FULL') {
        feed.engine.launch();
        assert.deepEqual(await feed.engine.ended(60_000), { code: 0, signal: null }, feed.engine.tail());
        return untilHolds(feed, 1, 10);
      }
      await feed.engine.start();
      await feed.query(insert(11, 20));
      await untilHolds(feed, mode === 'INCREMENTAL' ? 11 : 1, 20);
      assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    });
  }
});
