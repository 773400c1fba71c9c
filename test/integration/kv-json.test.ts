import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import type { ConsumedRecord } from '../support/kcat-parser.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const OPTIONS = { FORMAT: 'kv-json', TABLES: 'public.*' };

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

const shown = ({ key, value }: ConsumedRecord) => `${key?.toString() ?? null} ${value?.toString() ?? null}`;
const inOnePartition = async (feed: Feed) => (await feed.records()).map(shown);

describe('kv-json', { skip: SKIP }, () => {
  test('the published sample: the row alone, its decimal without padding; a delete is a tombstone', async (t) => {
    const schema = 'CREATE TABLE tx (hash text, maker text, ts timestamp, volume numeric(160,60), PRIMARY KEY (hash))';
    const feed = await servers.feed(t, { schema, partitions: 1, options: OPTIONS });
    await feed.engine.start();
    await feed.query("INSERT INTO tx VALUES ('0496f994-3c42-4cf3-86f0-7faf20699bd5', '840', '2025-09-09 16:56:56.449', 230.33037109759)");
    await feed.query('UPDATE tx SET volume = 100');
    await feed.query('DELETE FROM tx');
    await feed.untilCount(3);
    const key = '{"hash":"0496f994-3c42-4cf3-86f0-7faf20699bd5"}';
    const row = (volume: string) =>
      `{"hash":"0496f994-3c42-4cf3-86f0-7faf20699bd5","maker":"840","ts":"2025-09-09 16:56:56.449000","volume":${volume}}`;
    assert.deepEqual(await inOnePartition(feed), [`${key} ${row('230.33037109759')}`, `${key} ${row('100')}`, `${key} null`]);
  });

  test('a changed key: the old one is gone, then the row stands under the new one, each in the partition of its key', async (t) => {
    const schema = 'CREATE TABLE t (id int PRIMARY KEY, v text); ALTER TABLE t ALTER v SET STORAGE EXTERNAL';
    const feed = await servers.feed(t, { schema, partitions: 4, options: OPTIONS });
    await feed.engine.start();
    await feed.query('INSERT INTO t SELECT g, g::text FROM generate_series(1, 100) g');
    await feed.query('UPDATE t SET id = id + 1000');
    await feed.query('UPDATE t SET id = id - 1000, v = repeat(v, 1)');
    await feed.untilCount(500);
    const records = await feed.records();
    assert.equal(records.length, 500);
    const partitions = new Map<string, Set<number>>();
    const valuesOf = new Map<string, (string | null)[]>();
    for (const { key, value, partition } of records) {
      const name = key!.toString();
      partitions.set(name, (partitions.get(name) ?? new Set()).add(partition));
      valuesOf.set(name, [...(valuesOf.get(name) ?? []), value?.toString() ?? null]);
    }
    for (let id = 1; id <= 100; id++) {
      assert.deepEqual(valuesOf.get(`{"id":${id}}`), [`{"id":${id},"v":"${id}"}`, null, `{"id":${id},"v":"${id}"}`]);
      assert.deepEqual(valuesOf.get(`{"id":${id + 1000}}`), [`{"id":${id + 1000},"v":"${id}"}`, null]);
    }
    assert.equal(partitions.size, 200);
    assert.ok([...partitions.values()].every((of) => of.size === 1));
    // Old and new key of one row lie in different partitions often enough for this to have been seen.
    const moved = Array.from({ length: 100 }, (_, i) => [`{"id":${i + 1}}`, `{"id":${i + 1001}}`] as const).filter(
      ([old, now]) => [...partitions.get(old)!][0] !== [...partitions.get(now)!][0],
    );
    assert.ok(moved.length > 25, `${moved.length} of 100 rows moved to another partition`);
  });

  test('the halves of a changed key stand next to each other in the order of the log, TOAST is left out or filled', async (t) => {
    const schema = `
      CREATE TABLE t (id int PRIMARY KEY, big text, n int); ALTER TABLE t ALTER big SET STORAGE EXTERNAL;
      CREATE TABLE f (LIKE t INCLUDING ALL); ALTER TABLE f REPLICA IDENTITY FULL`;
    const feed = await servers.feed(t, { schema, partitions: 1, options: OPTIONS });
    await feed.engine.start();
    const big = 'abcdefghij'.repeat(1_000);
    for (const table of ['t', 'f']) await feed.query(`INSERT INTO ${table} VALUES (1, $1, 1)`, [big]);
    await feed.query('BEGIN; UPDATE t SET n = 2; UPDATE t SET id = 2; UPDATE f SET n = 2; UPDATE f SET id = 2; COMMIT');
    await feed.untilCount(8);
    assert.deepEqual(
      (await inOnePartition(feed)).slice(2).map((text) => text.replace(big, '...')),
      [
        '{"id":1} {"id":1,"n":2}',
        '{"id":1} null',
        '{"id":2} {"id":2,"n":2}',
        '{"id":1} {"id":1,"big":"...","n":2}',
        '{"id":1} null',
        '{"id":2} {"id":2,"big":"...","n":2}',
      ],
    );
  });

  test('a delete by option is an object of the key; in a table without a key it is a named error', async (t) => {
    const schema = 'CREATE TABLE t (a int, b int, v int, PRIMARY KEY (b, a)); CREATE TABLE k (v int); ALTER TABLE k REPLICA IDENTITY FULL';
    const feed = await servers.feed(t, { schema, partitions: 1, options: { ...OPTIONS, KV_JSON_DELETE: 'key' } });
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1, 2, 3); DELETE FROM t; INSERT INTO k VALUES (7)');
    await feed.untilCount(3);
    assert.deepEqual(await inOnePartition(feed), ['{"b":2,"a":1} {"a":1,"b":2,"v":3}', '{"b":2,"a":1} {"a":1,"b":2}', 'null {"v":7}']);
    await feed.query('DELETE FROM k');
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    assert.match(await toldError(feed.engine, 'DELETE_WITHOUT_KEY'), /public\.k/);
  });
});

describe('maxwell with changed keys as delete and insert', { skip: SKIP }, () => {
  test('both messages belong to the transaction, and only the last one has commit', async (t) => {
    const schema = 'CREATE TABLE t (id int PRIMARY KEY, v int)';
    const feed = await servers.feed(t, { schema, partitions: 1, options: { KEY_CHANGE: 'delete-insert', OUTPUT_XOFFSET: 'true' } });
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1, 1)');
    await feed.query('UPDATE t SET id = 2; UPDATE t SET v = 2');
    await feed.untilCount(4);
    const rest = (await feed.records()).map(
      ({ key, value }) => `${key!.toString()} ${value!.toString().replace(/^.*?("type":"\w+").*?"xid":-?\d+/, '$1')}`,
    );
    assert.deepEqual(rest, [
      '{"id":1} "type":"insert","commit":true,"primary_key":[1],"data":{"id":1,"v":1}}',
      '{"id":1} "type":"delete","xoffset":0,"primary_key":[1],"data":{"id":1,"v":null}}',
      '{"id":2} "type":"insert","xoffset":1,"primary_key":[2],"data":{"id":2,"v":1}}',
      '{"id":2} "type":"update","commit":true,"primary_key":[2],"data":{"id":2,"v":2},"old":{"id":2,"v":null}}',
    ]);
  });
});
