import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { runCommand } from './command.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, version int NOT NULL, pad text); ALTER TABLE t ALTER pad SET STORAGE EXTERNAL';
/** What brokers count is compressed, and a row of equal letters is then small. */
const OPTIONS = { COMPRESSION: 'none' };

/** For what a refusal leads to: shorter than what the mutants' runner gives a test, so that it says what was missing. */
const FOUND_MS = 40_000;

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

/** The stored position. */
async function storedPosition(feed: Feed): Promise<string> {
  const args = ['position', 'show', '--json', '--changefeed', feed.name, '--state-dir', feed.engine.stateDir];
  const { stdout } = await runCommand(args);
  return (JSON.parse(stdout) as { position: { parts: { lsn: string }[] } }).position.parts[0]!.lsn;
}

/** Neither what is stored nor what is confirmed lies beyond `lsn`. */
async function assertNotBeyond(feed: Feed, lsn: string): Promise<void> {
  for (const held of [await storedPosition(feed), await feed.confirmed()]) {
    const [row] = await feed.query<{ ok: boolean }>(`SELECT '${held}'::pg_lsn <= '${lsn}' AS ok`);
    assert.ok(row!.ok, `${held} lies beyond ${lsn}`);
  }
}

/** Waits until so many messages are with the producer and have no report. */
async function untilInFlight(feed: Feed, count: number): Promise<void> {
  const reached = async () => (await feed.engine.metric('millrace_in_flight_messages')) === count;
  await until(reached, { deadlineMs: 60_000, everyMs: 50, what: () => `${count} messages in flight:\n${feed.engine.tail()}` });
}

/** The versions of one row as they stand in its partition. */
async function versionsOf(feed: Feed, id: number): Promise<unknown[]> {
  return (await feed.messages()).filter(({ data }) => data['id'] === id).map(({ data }) => data['version']);
}

describe('a message that the broker refuses for good, once it is under way', { skip: SKIP }, () => {
  test('too large for a limit that was lowered meanwhile: named, nothing behind it goes out or is acknowledged, and nothing is lost', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, options: OPTIONS });
    await feed.engine.start();
    await feed.query('INSERT INTO t SELECT n, 1 FROM generate_series(1, 20) n');
    await feed.untilCount(20);
    await feed.untilConfirmed();
    assert.doesNotMatch(feed.engine.log(), /"level":"warn".*librdkafka: Configuration/, 'what we chose is no warning');
    await servers.broker.alterTopic(feed.name, { 'max.message.bytes': '3000' });
    servers.broker.pause();
    const intact = await feed.lsn();
    await feed.query("UPDATE t SET version = 2, pad = repeat('x', 9000) WHERE id = 7");
    await untilInFlight(feed, 1);
    await feed.query("UPDATE t SET version = 3, pad = '' WHERE id = 7");
    await untilInFlight(feed, 2);
    await feed.query('UPDATE t SET version = 4 WHERE id <> 7');
    await untilInFlight(feed, 21);
    servers.broker.resume();

    assert.deepEqual(await feed.engine.ended(FOUND_MS), { code: 1, signal: null });
    const refused = await toldError(feed.engine, '"code":"DELIVERY_FAILED"');
    assert.match(refused, /a message of public\.t with key .*7.* for feed\d+\[\d\]: MSG_SIZE_TOO_LARGE/);
    assert.match(feed.engine.log(), /"code":"MESSAGE_TOO_LARGE"/, 'the next start knows the new limit, and halts');
    await assertNotBeyond(feed, intact);
    assert.deepEqual(await versionsOf(feed, 7), [1], 'what follows a gap in its partition is not sent');

    await servers.broker.alterTopic(feed.name, { 'max.message.bytes': '100000' });
    await feed.engine.start();
    await feed.untilConfirmed();
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    assert.deepEqual(await versionsOf(feed, 7), [1, 2, 3]);
    const last = new Map((await feed.messages()).map(({ data }) => [data['id'], data['version']]));
    assert.deepEqual(last, new Map(Array.from({ length: 20 }, (_, i) => [i + 1, i + 1 === 7 ? 3 : 4])));
  });

  test('a null key for a topic that is compacted now: named, not tried for ever, and delivered once the topic takes it', async (t) => {
    const feed = await servers.feed(t, { schema: `${SCHEMA}; CREATE TABLE keyless (n int)` });
    await feed.engine.start();
    await feed.query('INSERT INTO keyless SELECT n FROM generate_series(1, 10) n');
    await feed.untilCount(10);
    await feed.untilConfirmed();
    await servers.broker.alterTopic(feed.name, { 'cleanup.policy': 'compact' });
    const intact = await feed.lsn();
    await feed.query('INSERT INTO keyless VALUES (11)');
    await feed.query('INSERT INTO t VALUES (1, 1)');
    assert.deepEqual(await feed.engine.ended(FOUND_MS), { code: 1, signal: null });
    const refused = await toldError(feed.engine, '"code":"DELIVERY_FAILED"');
    assert.match(refused, /a message of public\.keyless with key \(none\) for feed\d+\[\d\]: INVALID_RECORD/);
    assert.match(feed.engine.log(), /"code":"TOPIC_COMPACTED"/, 'the next start sees what the topic is now, and halts');
    await assertNotBeyond(feed, intact);

    await servers.broker.alterTopic(feed.name, { 'cleanup.policy': 'delete' });
    await feed.engine.start();
    await feed.untilConfirmed(undefined, 90_000);
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    const found = new Set((await feed.messages()).map(({ table, data }) => `${table} ${String(data['n'] ?? data['id'])}`));
    assert.deepEqual(found, new Set([...Array.from({ length: 11 }, (_, i) => `keyless ${i + 1}`), 't 1']));
  });
});
