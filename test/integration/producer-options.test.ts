import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MillraceOptions } from '../support/millrace.ts';
import { storedBatches, type StoredBatch } from '../support/log-segment.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, pad text)';
const ROWS = 300;
/** Makes a message of some 300 bytes, which every codec makes smaller. */
const PAD = 'abcdefgh'.repeat(25);

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
serversForFile(SKIP, (ready) => (servers = ready));

type Ends = Parameters<Servers['feed']>[0];

async function started(t: Ends, options: MillraceOptions, topic: Readonly<Record<string, string>> = {}): Promise<Feed> {
  const feed = await servers.feed(t, { schema: SCHEMA, partitions: 1, topic, options });
  await feed.engine.start();
  return feed;
}

/** Rows of one transaction. */
async function insert(feed: Feed, first: number, count: number, pad = PAD): Promise<void> {
  await feed.query('INSERT INTO t SELECT n, $3 FROM generate_series($1::int, $1::int + $2::int - 1) n', [first, count, pad]);
}

function stored(feed: Feed): StoredBatch[] {
  return storedBatches(servers.broker.dataDir, feed.name);
}

/** What the broker stored of one transaction of `ROWS` rows. */
async function storedOf(t: Ends, options: MillraceOptions): Promise<StoredBatch[]> {
  const feed = await started(t, options);
  await insert(feed, 0, ROWS);
  await feed.untilCount(ROWS);
  const batches = stored(feed);
  assert.equal(
    batches.reduce((sum, { records }) => sum + records, 0),
    ROWS,
  );
  return batches;
}

describe('options of the producer', { skip: SKIP }, () => {
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
    test(`compression_type ${codec} is the codec in the broker's log`, async (t) => {
      const batches = await storedOf(t, { COMPRESSION_TYPE: codec });
      assert.ok(batches.every((batch) => batch.codec === codec || (batch.records === 1 && batch.codec === 'none')));
      assert.ok(batches.some((batch) => batch.codec === codec && batch.records > 1));
    });
  }

  test('linger_ms gathers what comes in single commits into one request', async (t) => {
    const feed = await started(t, { LINGER_MS: '3000' });
    for (let id = 0; id < 20; id++) await insert(feed, id, 1);
    await feed.untilCount(20);
    assert.ok(stored(feed).some(({ records }) => records >= 5));
    const prompt = await started(t, {});
    for (let id = 0; id < 20; id++) {
      await insert(prompt, id, 1);
      await prompt.untilCount(id + 1);
    }
    assert.equal(stored(prompt).length, 20);
  });

  test("a producer's batch_size is bytes, and that of performance tuning is messages", async (t) => {
    const options = { COMPRESSION: 'none', LINGER_MS: '50' };
    const free = await storedOf(t, options);
    assert.ok(free.some(({ bytes, records }) => bytes > 4000 && records > 7));
    const byBytes = await storedOf(t, { ...options, PRODUCER_CONFIG_BATCH_SIZE: '4000' });
    assert.ok(byBytes.every(({ bytes }) => bytes <= 4000));
    assert.ok(byBytes.some(({ records }) => records > 7));
    const byMessages = await storedOf(t, { ...options, PERFORMANCE_TUNING_BATCH_SIZE: '7' });
    assert.ok(byMessages.every(({ records }) => records <= 7));
    assert.ok(byMessages.some(({ records }) => records === 7));
  });

  test('acks is what a broker is asked for', async (t) => {
    await logRequests('DEBUG');
    t.after(() => logRequests('WARN'));
    const relaxed = { ENABLE_IDEMPOTENCE: 'false' };
    const cases: readonly (readonly [MillraceOptions, asked: number])[] = [
      [{ ACKS: 'all' }, -1],
      [{ REQUIRED_ACKS: '-1', ...relaxed }, -1],
      [{ ACKS: '1', ...relaxed }, 1],
      [{ ACKS: '0', ...relaxed }, 0],
    ];
    for (const [options, asked] of cases) {
      const feed = await started(t, options);
      await insert(feed, 0, ROWS);
      await feed.untilCount(ROWS);
      const requests = () =>
        servers.broker
          .log()
          .split('\n')
          .filter((line) => line.includes('"requestApiKeyName":"PRODUCE"') && line.includes(feed.name));
      await until(() => requests().length > 0, { deadlineMs: 30_000, what: `the broker to tell of a request for ${feed.name}` });
      for (const request of requests()) assert.equal(/"acks":(-?\d+)/.exec(request)?.[1], String(asked), request);
      assert.ok(stored(feed).every(({ producerId }) => (producerId === -1n) === (options['ENABLE_IDEMPOTENCE'] === 'false')));
    }
  });

  test('buffer_memory is the most that waits for a broker', async (t) => {
    const limit = 2_000_000;
    const feed = await started(t, { BUFFER_MEMORY: String(limit) });
    await insert(feed, 0, 1, 'x');
    await feed.untilCount(1);
    servers.broker.pause();
    try {
      await insert(feed, 1, 40_000);
      await inFlight(feed, limit / 2 / 300);
      await until(async () => (await feed.engine.metric('millrace_source_stalled')) === 1, {
        deadlineMs: 30_000,
        what: () => `the source to wait:\n${feed.engine.tail()}`,
      });
      assert.ok((await feed.engine.metric('millrace_in_flight_messages')) * PAD.length <= limit);
    } finally {
      servers.broker.resume();
    }
    await feed.untilCount(40_001);
    await insert(feed, 50_000, 1, 'x'.repeat(limit));
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    assert.match(await toldError(feed.engine, '"code":"ROW_TOO_LARGE"'), /MILLRACE_BUFFER_MEMORY/);
  });

  test('max_request_size is the largest message', async (t) => {
    const feed = await started(t, { MAX_REQUEST_SIZE: '5000' });
    await insert(feed, 0, 1, 'x'.repeat(4000));
    await feed.untilCount(1);
    await insert(feed, 1, 1, 'x'.repeat(5000));
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    await toldError(feed.engine, '"code":"MESSAGE_TOO_LARGE"');
    assert.equal(await feed.count(), 1);
  });
});

async function inFlight(feed: Feed, least: number): Promise<void> {
  await until(async () => (await feed.engine.metric('millrace_in_flight_messages')) >= least, {
    deadlineMs: 30_000,
    what: () => `${least} messages under way:\n${feed.engine.tail()}`,
  });
}

/** What the broker writes of each request, into its own log. */
async function logRequests(level: string): Promise<void> {
  const change = ['--alter', '--entity-type', 'broker-loggers', '--entity-name', '1', '--add-config', `kafka.request.logger=${level}`];
  await servers.broker.tool('kafka.admin.ConfigCommand', change);
}
