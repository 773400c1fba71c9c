import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MockCluster } from '../../native-bridge/index.ts';
import { consume } from '../support/consume.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { letterFeed as feedOf, noise, type LetterFeedOptions } from './letter-feed.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

const letterFeed = (t: Parameters<Servers['feed']>[0], options: LetterFeedOptions = {}) => feedOf(servers, t, options);
const insertLarge = (feed: Feed, id: number) => feed.query('INSERT INTO t VALUES ($1, $2)', [id, noise(25_000)]);

describe('dead letters and what is acknowledged', { skip: SKIP }, () => {
  test('nothing at or after a dead letter is confirmed to the database before the letter is acknowledged', async (t) => {
    // One broker of rows and one of letters.
    const cluster = new MockCluster(2);
    t.after(() => cluster.close());
    const topic = `${servers.nextName}-letters`;
    const options = { BOOTSTRAP_SERVERS: cluster.bootstrapServers, DEAD_LETTER_TOPIC: topic, MAX_MESSAGE_BYTES: '20000' };
    const feed = await servers.feed(t, { schema: 'CREATE TABLE t (id int PRIMARY KEY, v text)', options, partitions: 0 });
    cluster.createTopic(feed.name, 1, 1);
    cluster.createTopic(topic, 1, 1);
    cluster.setLeader(feed.name, 0, 1);
    cluster.setLeader(topic, 0, 2);
    const countOf = async (name: string) => (await consume({ bootstrapServers: cluster.bootstrapServers, topic: name })).length;
    const untilRows = (count: number) =>
      until(async () => (await countOf(feed.name)) >= count, {
        deadlineMs: 60_000,
        everyMs: 100,
        what: () => `${count} rows:\n${feed.engine.tail()}`,
      });
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (1, 'before')");
    await untilRows(1);
    await feed.untilConfirmed();

    cluster.setBrokerDown(2);
    await insertLarge(feed, 2);
    const behindLetter = await feed.lsn();
    for (let id = 3; id < 50; id++) await feed.query("INSERT INTO t VALUES ($1, 'behind')", [id]);
    await untilRows(48);
    // Several stores' time: what is not acknowledged by now is held.
    const isLate = async () => (await feed.engine.metric('millrace_checkpoint_age_seconds')) > 3;
    await until(isLate, { deadlineMs: 60_000, what: () => `a checkpoint that waits:\n${feed.engine.tail()}` });
    const [{ held }] = (await feed.query<{ held: boolean }>(`SELECT '${await feed.confirmed()}'::pg_lsn <= '${behindLetter}' AS held`)) as [
      { held: boolean },
    ];
    assert.ok(held);
    cluster.setBrokerUp(2);
    await until(async () => (await countOf(topic)) === 1, { deadlineMs: 60_000, what: 'the dead letter' });
    await feed.untilConfirmed();
  });

  test('killed at any moment: each row is in the topic or a dead letter, and letters name where later messages begin', async (t) => {
    const { feed, letters } = await letterFeed(t, { options: { CHECKPOINT_INTERVAL: '100ms' } });
    await feed.engine.start();
    let last = 0;
    const write = async (count: number) => {
      for (let i = 0; i < count; i++) {
        last += 1;
        await (last % 5 === 0 ? insertLarge(feed, last) : feed.query('INSERT INTO t VALUES ($1, $2)', [last, 'small']));
      }
    };
    for (let round = 0; round < 4; round++) {
      const writing = write(60);
      await until(async () => (await feed.count()) > round * 40 + 10, { deadlineMs: 60_000, everyMs: 20, what: () => feed.engine.tail() });
      await feed.engine.kill9();
      await writing;
      await feed.engine.start();
    }
    await feed.untilConfirmed();
    const sent = (await feed.messages()).map(({ data }) => data['id'] as number);
    const refused = await letters();
    const lost = Array.from({ length: last }, (_, i) => i + 1).filter(
      (id) => !sent.includes(id) && !refused.some(({ key }) => key === `{"id":${id}}`),
    );
    assert.deepEqual(lost, []);
    assert.ok(sent.every((id) => id % 5 !== 0));
    for (const { key, headers } of refused) {
      const { id } = JSON.parse(key!) as { id: number };
      const at = Number(headers['millrace.offset'] ?? NaN);
      // The rows before it lie below the offset, each at least once.
      if (!Number.isNaN(at))
        assert.ok(new Set(sent.slice(0, at).filter((one) => one < id)).size === id - 1 - Math.floor((id - 1) / 5), `${id} ${at}`);
    }
  });

  test('a snapshot is over when its dead letters are acknowledged', async (t) => {
    const schema = `CREATE TABLE t (id int PRIMARY KEY, v text);
      INSERT INTO t SELECT i, CASE WHEN i % 10 = 0 THEN repeat(md5(i::text), 1000) ELSE 'small' END FROM generate_series(1, 100) i`;
    const { feed, untilLetters } = await letterFeed(t, { schema, options: { SYNC_MODE: 'FULL' } });
    feed.engine.launch();
    assert.deepEqual(await feed.engine.ended(60_000), { code: 0, signal: null }, feed.engine.tail());
    assert.equal(await feed.count(), 90);
    const letters = await untilLetters(10);
    assert.equal(letters.length, 10);
    assert.match(feed.engine.log(), /10 rows went to the dead-letter topic \(MESSAGE_TOO_LARGE 10\)/);
  });

  test('the changefeed warns until its next start, stays ready, and counts letters by reason', async (t) => {
    const { feed, untilLetters } = await letterFeed(t);
    await feed.engine.start();
    const state = async () =>
      ((await (await fetch(`http://127.0.0.1:${feed.engine.httpPort}/api/v1/changefeeds/${feed.name}`)).json()) as { state: string }).state;
    assert.equal(await state(), 'normal');
    await insertLarge(feed, 1);
    await untilLetters(1);
    await until(async () => (await state()) === 'warning', { deadlineMs: 30_000, what: 'the warning' });
    assert.ok(await feed.engine.isReady());
    const lines = (await feed.engine.metrics())
      .split('\n')
      .filter((line) => /dead_letters|warnings_total\{|state\{.*warning|lag_rows/.test(line));
    assert.ok(lines.includes(`millrace_dead_letters_total{changefeed="${feed.name}",reason="MESSAGE_TOO_LARGE"} 1`), lines.join('\n'));
    assert.ok(lines.includes(`millrace_changefeed_state{changefeed="${feed.name}",state="warning"} 1`), lines.join('\n'));
    assert.ok(lines.includes(`millrace_warnings_total{changefeed="${feed.name}",code="DEAD_LETTERS"} 1`), lines.join('\n'));
    assert.ok(
      lines.includes(`millrace_partition_lag_rows{changefeed="${feed.name}",topic="${feed.name}",partition="0"} 0`),
      lines.join('\n'),
    );
    await feed.engine.stop();
    await feed.engine.start();
    assert.equal(await state(), 'normal');
  });
});

describe('a topic of dead letters that fails', { skip: SKIP }, () => {
  const refusedAtStart = async (feed: Feed, code: string) => {
    feed.engine.launch();
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    return await toldError(feed.engine, code);
  };

  test('missing: told at the start, or created where topics are', async (t) => {
    const { feed, topic, untilLetters } = await letterFeed(t, { lettersTopic: null });
    assert.match(await refusedAtStart(feed, 'KAFKA_TOPIC_MISSING'), new RegExp(`topic ${topic} does not exist`));
    await feed.engine.start({ AUTO_CREATE_TOPIC: 'true' });
    await insertLarge(feed, 1);
    await untilLetters(1);
  });

  test('compacted, too small, or one that rows go to: told at the start, with what mends it', async (t) => {
    const compacted = await letterFeed(t, { lettersTopic: { 'cleanup.policy': 'compact' } });
    assert.match(await refusedAtStart(compacted.feed, 'DEAD_LETTER_TOPIC_UNFIT'), /is compacted.*--add-config cleanup.policy=delete/);
    const small = await letterFeed(t, { lettersTopic: { 'max.message.bytes': '10000' } });
    assert.match(await refusedAtStart(small.feed, 'DEAD_LETTER_TOPIC_UNFIT'), /takes 10000 bytes.*at least 16384.*max\.message\.bytes=/);
    const shared = await letterFeed(t, { options: { TOPIC: `${servers.nextName}-%{table}`, DEAD_LETTER_TOPIC: `${servers.nextName}-t` } });
    await servers.broker.createTopic(`${shared.feed.name}-t`, 1);
    assert.match(await refusedAtStart(shared.feed, 'DEAD_LETTER_TOPIC_UNFIT'), /would hold rows and dead letters/);
  });

  test('made too small while it runs: the changefeed stops by name, and nothing is lost', async (t) => {
    const { feed, topic, letters, untilLetters } = await letterFeed(t);
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (1, 'before')");
    await feed.untilCount(1);
    await servers.broker.alterTopic(topic, { 'max.message.bytes': '100' });
    await insertLarge(feed, 2);
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    assert.match(
      await toldError(feed.engine, 'DEAD_LETTER_FAILED'),
      new RegExp(`did not take a dead letter of public\\.t with key .*"id.*":2.* for ${topic}`),
    );
    assert.equal((await letters()).length, 0);
    await servers.broker.alterTopic(topic, { 'max.message.bytes': '1000000' });
    await feed.query("INSERT INTO t VALUES (3, 'behind')");
    await feed.engine.start();
    await feed.untilCount(2);
    assert.equal((await untilLetters(1))[0]!.key, '{"id":2}');
  });
});
