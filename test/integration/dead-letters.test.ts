import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { letterFeed as feedOf, noise, type LetterFeedOptions } from './letter-feed.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless(...NEEDS);

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

const letterFeed = (t: Parameters<Servers['feed']>[0], options: LetterFeedOptions = {}) => feedOf(servers, t, options);
const idsOf = async (feed: Feed) => (await feed.messages()).map(({ data }) => data['id']);

describe('rows that cannot be sent, with a topic for them', { skip: SKIP }, () => {
  test('a message above the limit of its topic becomes a dead letter, and the rows around it go on', async (t) => {
    const { feed, untilLetters } = await letterFeed(t);
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (1, 'before')");
    const [{ xid }] = (await feed.query<{ xid: string }>('INSERT INTO t VALUES (2, $1) RETURNING txid_current()::text AS xid', [
      noise(25_000),
    ])) as [{ xid: string }];
    await feed.query("INSERT INTO t VALUES (3, 'behind')");
    await feed.untilCount(2);
    const [letter, ...others] = await untilLetters(1);
    assert.equal(others.length, 0);
    assert.deepEqual(await idsOf(feed), [1, 3]);
    assert.equal(letter!.key, '{"id":2}');
    assert.deepEqual(JSON.parse(letter!.value!), {
      database: feed.name,
      table: 't',
      type: 'insert',
      reason: 'RecordTooLargeException',
      data: { id: 2 },
    });
    const { headers } = letter!;
    assert.equal(headers['millrace.reason'], 'MESSAGE_TOO_LARGE');
    assert.match(headers['millrace.message']!, /takes 25\d{3} bytes, and the topic's max\.message\.bytes/);
    assert.match(headers['millrace.position']!, /^[0-9A-F]+\/[0-9A-F]+$/);
    assert.equal(headers['millrace.database'], feed.name);
    assert.equal(headers['millrace.table'], 'public.t');
    assert.equal(headers['millrace.operation'], 'insert');
    assert.equal(headers['millrace.key'], '{"id":2}');
    assert.equal(headers['millrace.topic'], feed.name);
    assert.equal(headers['millrace.partition'], '0');
    assert.equal(headers['millrace.offset'], '1');
    assert.match(headers['millrace.time']!, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.equal(headers['millrace.content'], 'row');
    assert.equal((JSON.parse(headers['millrace.row']!) as { xid: number }).xid, Number(BigInt(xid) & 0xffff_ffffn));
    await feed.untilConfirmed();
  });
});

/** What is sent to the changefeed's topic does not fit, or its value or key cannot be written. */
const NOT_UTF8 = { database: "ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'" };

describe('each reason for which a row cannot be sent', { skip: SKIP }, () => {
  test('a value that has not the form of its type, in the stream and of rows that were there before', async (t) => {
    // A type with the name of the extension's, whose values are any text.
    const schema = `CREATE TYPE hstore;
      CREATE FUNCTION hstore_in(cstring) RETURNS hstore AS 'textin' LANGUAGE internal IMMUTABLE STRICT;
      CREATE FUNCTION hstore_out(hstore) RETURNS cstring AS 'textout' LANGUAGE internal IMMUTABLE STRICT;
      CREATE TYPE hstore (INPUT = hstore_in, OUTPUT = hstore_out, LIKE = text);
      CREATE TABLE t (id int PRIMARY KEY, v hstore); INSERT INTO t VALUES (1, 'no map'), (2, '"a"=>"1"')`;
    const { feed, untilLetters } = await letterFeed(t, { schema, options: { SYNC_MODE: 'FULL + INCREMENTAL' } });
    await feed.engine.start();
    await feed.query(`INSERT INTO t VALUES (3, 'none either'); INSERT INTO t VALUES (4, '"b"=>NULL')`);
    const letters = await untilLetters(2);
    const told = letters.map(({ key, headers }) => `${key} ${headers['millrace.reason']} ${headers['millrace.content']}`);
    assert.deepEqual(told.toSorted(), ['{"id":1} VALUE_INVALID row', '{"id":3} VALUE_INVALID row']);
    for (const { headers } of letters) assert.match(headers['millrace.message']!, /^column v of public\.t .*; expected an hstore/);
    await feed.untilCount(2);
    assert.deepEqual(await idsOf(feed), [2, 4]);
    await feed.untilConfirmed();
  });

  test('values and keys that are not UTF-8: the bytes are kept, in the stream and of rows that were there before', async (t) => {
    const schema = `CREATE TABLE t (id text PRIMARY KEY, v text); INSERT INTO t VALUES ('1', E'caf\\xe9')`;
    const { feed, untilLetters } = await letterFeed(t, {
      ...NOT_UTF8,
      schema,
      options: { SYNC_MODE: 'FULL + INCREMENTAL', FORMAT: 'kv-json' },
    });
    await feed.engine.start();
    await feed.query(`INSERT INTO t VALUES ('2', 'good')`);
    await feed.query(`INSERT INTO t VALUES ('3', E'\\xe9')`);
    await feed.query(`INSERT INTO t VALUES (E'\\xe9', 'good')`);
    await feed.query(`INSERT INTO t VALUES ('5', 'good')`);
    await feed.untilCount(2);
    const letters = await untilLetters(3);
    assert.deepEqual(
      letters.map(({ headers }) => headers['millrace.reason']),
      Array.from({ length: 3 }, () => 'TEXT_NOT_UTF8'),
    );
    const seen = letters.map(({ key, headers }) => {
      const { isSnapshot } = JSON.parse(headers['millrace.row']!) as { isSnapshot: boolean };
      return `${key} ${headers['millrace.partition']} ${isSnapshot}`;
    });
    assert.deepEqual(seen.toSorted(), ['null undefined false', '{"id":"1"} 0 true', '{"id":"3"} 0 false']);
    await feed.untilConfirmed();
  });

  test('a key that is longer than keys may be', async (t) => {
    const { feed, untilLetters } = await letterFeed(t, { schema: 'CREATE TABLE t (id text PRIMARY KEY, v text)' });
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (repeat('x', 70000), 'v')");
    await feed.query("INSERT INTO t VALUES ('y', 'v')");
    await feed.untilCount(1);
    const [letter] = await untilLetters(1);
    assert.equal(letter!.headers['millrace.reason'], 'KEY_TOO_LARGE');
    assert.equal(letter!.key, null);
    assert.deepEqual((JSON.parse(letter!.value!) as { data: { id: string } }).data, { id: 'x'.repeat(70_000) });
    assert.equal(letter!.headers['millrace.partition'], undefined);
    await feed.untilConfirmed();
  });

  test('partition columns whose values are longer than they may be', async (t) => {
    const options = { PARTITION_BY: 'column', PARTITION_COLUMNS: 'v' };
    const { feed, untilLetters } = await letterFeed(t, { options, topic: {} });
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (1, repeat('x', 70000)), (2, 'v')");
    await feed.untilCount(1);
    const [letter] = await untilLetters(1);
    assert.equal(letter!.headers['millrace.reason'], 'PARTITION_VALUES_TOO_LARGE');
    await feed.untilConfirmed();
  });

  test('a delete without a key, where a delete is its key alone', async (t) => {
    const schema = 'CREATE TABLE t (id int, v text); ALTER TABLE t REPLICA IDENTITY FULL';
    const { feed, untilLetters } = await letterFeed(t, { schema, options: { FORMAT: 'kv-json' } });
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (1, 'a')");
    await feed.query('DELETE FROM t');
    await feed.query("INSERT INTO t VALUES (2, 'b')");
    await feed.untilCount(2);
    const [letter] = await untilLetters(1);
    assert.equal(letter!.headers['millrace.reason'], 'DELETE_WITHOUT_KEY');
    assert.equal(letter!.headers['millrace.operation'], 'delete');
    assert.equal(letter!.headers['millrace.data'], undefined, 'the value is the row');
    assert.ok(letter!.value!.includes('a'));
    await feed.untilConfirmed();
  });

  test('a row above the memory budget is never put together: its first bytes are kept, and its length', async (t) => {
    const schema = `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, repeat('x', 9000000)), (2, 'small')`;
    const { feed, untilLetters } = await letterFeed(t, { schema, options: { SYNC_MODE: 'FULL + INCREMENTAL', MEMORY: '32MB' } });
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (3, repeat('y', 9000000))");
    await feed.query("INSERT INTO t VALUES (4, 'behind')");
    await feed.untilCount(2);
    const letters = await untilLetters(2);
    for (const { headers, key } of letters) {
      assert.equal(headers['millrace.reason'], 'ROW_TOO_LARGE');
      assert.equal(headers['millrace.content'], 'head');
      assert.equal(headers['millrace.row'], undefined);
      assert.equal(key, null);
      assert.ok(Number(headers['millrace.bytes']) > 9_000_000);
      assert.equal(headers['millrace.data']!.length, 65_536);
    }
    const ofStream = letters.find(({ headers }) => headers['millrace.data']!.endsWith('y'))!;
    assert.equal(ofStream.headers['millrace.key'], 'id 3');
    assert.deepEqual((await idsOf(feed)).map(String).toSorted(), ['2', '4']);
    await feed.untilConfirmed();
  });

  test('a row for which the dead-letter topic is too small as well is kept as far as it goes', async (t) => {
    const { feed, untilLetters } = await letterFeed(t, { lettersTopic: { 'max.message.bytes': '20000' } });
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1, $1)', [noise(500_000)]);
    const [letter] = await untilLetters(1);
    const { headers, key } = letter!;
    assert.equal(key, '{"id":1}');
    assert.equal(headers['millrace.content'], 'head');
    assert.equal(headers['millrace.bytes'], String(500_000 + 2 + 5 + 1 + 5));
    const kept = headers['millrace.data']!.length;
    assert.ok(kept > 15_000 && kept < 20_000, `${kept}`);
    await feed.untilConfirmed();
  });
});
