import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { headedRecords, type HeadedRecord } from '../support/letters.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { serversForFile, type Feed, type FeedOptions, type Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, v text)';
const TOPIC_BYTES = 20_000;

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

/** Text that no compression makes smaller. */
function noise(length: number): string {
  return randomBytes(length).toString('base64').slice(0, length);
}

interface LetterFeed {
  readonly feed: Feed;
  readonly letters: () => Promise<HeadedRecord[]>;
  readonly untilLetters: (count: number) => Promise<HeadedRecord[]>;
}

/** A feed with a topic for dead letters beside its own, which takes small messages alone. */
async function letterFeed(
  t: Parameters<Servers['feed']>[0],
  { lettersTopic = {}, ...options }: Partial<FeedOptions> & { lettersTopic?: Record<string, string> } = {},
): Promise<LetterFeed> {
  const topic = `${servers.nextName}-letters`;
  await servers.broker.createTopic(topic, 2, lettersTopic);
  const feed = await servers.feed(t, {
    schema: SCHEMA,
    partitions: 1,
    topic: { 'max.message.bytes': String(TOPIC_BYTES) },
    ...options,
    options: { DEAD_LETTER_TOPIC: topic, ...options.options },
  });
  const letters = () => headedRecords(servers.broker.bootstrapServers, topic);
  const untilLetters = async (count: number) => {
    const enough = async () => (await servers.broker.endOffsets(topic)).reduce((sum, offset) => sum + offset, 0) >= count;
    await until(enough, { deadlineMs: 60_000, everyMs: 50, what: () => `${count} dead letters:\n${feed.engine.tail()}` });
    return letters();
  };
  return { feed, letters, untilLetters };
}

const idsOf = async (feed: Feed) => (await feed.messages()).map(({ data }) => data['id']);

describe('rows that cannot be sent, with a topic for them', { skip: SKIP }, () => {
  test('a message above the limit of its topic becomes a dead letter, and the rows around it go on', async (t) => {
    const { feed, untilLetters } = await letterFeed(t);
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (1, 'before')");
    const [{ xid }] = (await feed.query<{ xid: string }>('INSERT INTO t VALUES (2, $1) RETURNING txid_current()::text AS xid', [noise(25_000)])) as [{ xid: string }];
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
