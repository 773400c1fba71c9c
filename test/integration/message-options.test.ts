import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless(...NEEDS);

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

const ALL = {
  OUTPUT_XOFFSET: 'true',
  OUTPUT_BINLOG_POSITION: 'true',
  OUTPUT_SERVER_ID: 'true',
  SERVER_ID: '23042',
  OUTPUT_THREAD_ID: 'true',
  OUTPUT_SCHEMA_ID: 'true',
  OUTPUT_PUSH_TIMESTAMP: 'true',
  OUTPUT_PRIMARY_KEY_COLUMNS: 'true',
};

const textsOf = async (feed: Feed) => (await feed.records()).map(({ value }) => value!.toString());
const withoutPushTs = (text: string) => text.replace(/"push_ts":[\d.]+,/, '');
const field = (text: string, name: string) => (JSON.parse(text) as Record<string, unknown>)[name];

describe('options of messages', { skip: SKIP }, () => {
  test('every field stands in its place; what is sent again after a crash differs in push_ts alone', async (t) => {
    const schema = 'CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY)';
    // What follows the first row is not stored before the kill.
    const options = { ...ALL, TABLES: 'public.*', CHECKPOINT_INTERVAL: '60s' };
    const feed = await servers.feed(t, { schema, partitions: 1, options });
    await feed.engine.start();
    await feed.query('INSERT INTO b VALUES (0)');
    await feed.untilCount(1);
    await feed.untilConfirmed();
    const since = Date.now() / 1000;
    await feed.query('BEGIN; INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1); UPDATE a SET v = 2; COMMIT');
    await feed.query('ALTER TABLE a ADD w int; INSERT INTO a VALUES (2, 2, 2); INSERT INTO b VALUES (2)');
    await feed.untilCount(6);
    await feed.engine.kill9();
    const first = (await textsOf(feed)).slice(1);
    const head = (table: string, type: string) => `^{"database":"${feed.name}","table":"${table}","type":"${type}","ts":\\d+,"xid":\\d+,`;
    const ids = (schemaId: number) =>
      `"position":"[0-9A-F]+/[0-9A-F]+","server_id":23042,"thread_id":0,"schema_id":${schemaId},"push_ts":\\d+\\.\\d+,`;
    const key = (id: number) => `"primary_key":\\[${id}\\],"primary_key_columns":\\["id"\\],`;
    const expected = [
      `${head('a', 'insert')}"xoffset":0,${ids(2)}${key(1)}"data":{"id":1,"v":1}}$`,
      `${head('b', 'insert')}"xoffset":1,${ids(1)}${key(1)}"data":{"id":1}}$`,
      `${head('a', 'update')}"commit":true,${ids(2)}${key(1)}"data":{"id":1,"v":2},"old":{"id":1,"v":null}}$`,
      `${head('a', 'insert')}"xoffset":0,${ids(3)}${key(2)}"data":{"id":2,"v":2,"w":2}}$`,
      `${head('b', 'insert')}"commit":true,${ids(1)}${key(2)}"data":{"id":2}}$`,
    ];
    expected.forEach((pattern, i) => assert.match(first[i]!, new RegExp(pattern)));
    for (const text of first) {
      const pushed = field(text, 'push_ts') as number;
      assert.ok(pushed >= since - 1 && pushed <= Date.now() / 1000 + 1, `${pushed} is not now`);
    }

    await feed.engine.start();
    await feed.untilCount(11);
    const again = (await textsOf(feed)).slice(6);
    assert.deepEqual(again.map(withoutPushTs), first.map(withoutPushTs));

    // A version keeps its number over restarts, and a new one gets the next.
    await feed.engine.stop();
    await feed.engine.start();
    await feed.query('INSERT INTO b VALUES (3); ALTER TABLE b ADD v int; INSERT INTO b VALUES (4, 4); INSERT INTO a VALUES (3, 3, 3)');
    await feed.untilCount(14);
    assert.deepEqual(
      (await textsOf(feed)).slice(11).map((text) => field(text, 'schema_id')),
      [1, 4, 3],
    );
  });

  test('timestamps by zone, pattern and conversion; keys stay in UTC', async (t) => {
    const schema = 'CREATE TABLE t (at timestamptz PRIMARY KEY, local timestamp, several timestamptz[], day date)';
    const options = {
      ZONE_ID: 'America/New_York',
      TIMESTAMP_FORMAT: "yyyy-MM-dd'T'HH:mm:ss.SSS",
      TIMEZONE_CONVERSION_SOURCE_TIMEZONE: 'Asia/Shanghai',
      TIMEZONE_CONVERSION_PRESERVE_ORIGINAL: 'true',
    };
    const feed = await servers.feed(t, { schema, partitions: 1, options });
    await feed.engine.start();
    await feed.query(`
      INSERT INTO t VALUES ('2025-11-02 05:30:00.4846+00', '2025-09-09 19:28:43', '{2025-11-02 06:30+00, infinity}', '2025-09-09'),
        ('0044-03-15 12:00:00+00 BC', '-infinity', '{}', NULL)`);
    await feed.untilCount(2);
    const rows = (await feed.records()).map(({ key, value }) => [key!.toString(), field(value!.toString(), 'data')]);
    assert.deepEqual(rows, [
      [
        '{"at":"2025-11-02 05:30:00.484600"}',
        {
          at: '2025-11-02T01:30:00.484-04',
          local: '2025-09-09T07:28:43.000',
          several: ['2025-11-02T01:30:00.000-05', 'infinity'],
          day: '2025-09-09',
        },
      ],
      ['{"at":"0044-03-15 12:00:00.000000 BC"}', { at: '0044-03-15T07:03:58.000-04:56:02 BC', local: '-infinity', several: [], day: null }],
    ]);
  });

  test('excluded columns are in keys and primary_key alone, names are camel case, nulls are not there', async (t) => {
    const schema =
      'CREATE TABLE user_table (user_id int PRIMARY KEY, secret_pin text, last_name text); ALTER TABLE user_table REPLICA IDENTITY FULL';
    const options = {
      EXCLUDE_COLUMNS: 'user_id,/secret_.*/',
      OUTPUT_NAMING_STRATEGY: 'underscore_to_camelcase',
      OUTPUT_NULLS: 'false',
      OUTPUT_COMMIT_INFO: 'false',
      OLD: 'full',
    };
    const feed = await servers.feed(t, { schema, partitions: 1, options });
    await feed.engine.start();
    await feed.query("INSERT INTO user_table VALUES (1, 'x', NULL); UPDATE user_table SET last_name = 'y'");
    await feed.untilCount(2);
    const rest = (await feed.records()).map(({ key, value }) => `${key!.toString()} ${value!.toString().replace(/^.*"ts":\d+,/, '')}`);
    assert.deepEqual(rest, [
      '{"user_id":1} "primaryKey":[1],"data":{}}',
      '{"user_id":1} "primaryKey":[1],"data":{"lastName":"y"},"old":{}}',
    ]);
  });
});
