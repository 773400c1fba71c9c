import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { MESSAGE_OVERHEAD_BYTES } from '../../native-bridge/index.ts';
import type { ConsumedRecord } from '../support/kcat-parser.ts';
import { skipUnless } from '../support/skip.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, pad text)';
const TOPIC_BYTES = 20_000;
/** Largest key and value together. */
const LARGEST = TOPIC_BYTES - MESSAGE_OVERHEAD_BYTES;
/** All ids have four digits, so that every message is as much longer than its pad as every other. */
const FIRST_ID = 1000;

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

const sizeOf = ({ key, value }: ConsumedRecord) => key!.length + value!.length;

/** Text that no compression makes smaller. */
function noise(length: number): string {
  return randomBytes(length).toString('base64').slice(0, length);
}

/** A row of each length, from the id `from` on, each the last one of its transaction: `commit` counts too. */
async function insert(feed: Feed, from: number, lengths: readonly number[]): Promise<void> {
  for (const [i, length] of lengths.entries()) await feed.query('INSERT INTO t VALUES ($1, $2)', [from + i, noise(length)]);
}

for (const compression of ['none', 'lz4']) {
  describe(`messages near the topic's limit, compression ${compression}`, { skip: SKIP }, () => {
    test('the largest one is delivered, and one byte more is refused by name', async (t) => {
      const topic = { 'max.message.bytes': String(TOPIC_BYTES) };
      const feed = await servers.feed(t, { schema: SCHEMA, topic, partitions: 1, options: { COMPRESSION: compression } });
      await feed.engine.start();
      await insert(feed, FIRST_ID, [0]);
      await feed.untilCount(1);
      const longest = LARGEST - sizeOf((await feed.records())[0]!);
      await insert(feed, FIRST_ID + 1, [longest - 1, longest, 0, longest, longest]);
      await feed.untilCount(6);
      const sizes = (await feed.records()).map(sizeOf).slice(1);
      assert.deepEqual(sizes, [LARGEST - 1, LARGEST, LARGEST - longest, LARGEST, LARGEST], feed.engine.tail());
      await insert(feed, FIRST_ID + 6, [longest + 1]);
      assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
      const refused = await toldError(feed.engine, '"code":"MESSAGE_TOO_LARGE"');
      assert.match(
        refused,
        new RegExp(`public\\.t .*takes ${LARGEST + 1} bytes, and the topic's max\\.message\\.bytes.* allows ${LARGEST};`),
      );
      assert.equal(await feed.count(), 6);
      await servers.broker.alterTopic(feed.name, { 'max.message.bytes': String(TOPIC_BYTES + 1) });
      await feed.engine.start();
      await feed.untilCount(7);
    });

    test('batches of messages of any sizes below it are all taken', async (t) => {
      const topic = { 'max.message.bytes': String(TOPIC_BYTES) };
      const options = { COMPRESSION: compression, LINGER_MS: '50' };
      const feed = await servers.feed(t, { schema: SCHEMA, topic, partitions: 1, options });
      await feed.engine.start();
      const lengths = Array.from({ length: 1500 }, (_, i) => Math.floor((LARGEST - 300) / (1 + (i % 40))) - (i % 7));
      const ids = lengths.map((_, i) => FIRST_ID + i);
      await feed.query('INSERT INTO t SELECT * FROM unnest($1::int[], $2::text[])', [ids, lengths.map(noise)]);
      await feed.untilCount(lengths.length);
      assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
      assert.doesNotMatch(feed.engine.log(), /TOO_LARGE/);
      assert.equal(await feed.count(), lengths.length);
    });
  });
}
