import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { residentBytesOf } from '../../engine/control/process-usage.ts';
import { freePort } from '../support/ports.ts';
import { Proxy } from '../support/proxy.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { Servers, type Feed } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const WAL_SENDER_TIMEOUT = '2s';
const MEMORY = 32_000_000;
const SLOW_BYTES_PER_SECOND = 1_000_000;
const ROWS = 60_000;
/** Of one row; no compression makes them fewer. */
const PAD_BYTES = 960;
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, pad text)';
const ROW = `n, (SELECT string_agg(md5((n * 31 + m)::text), '') FROM generate_series(1, ${PAD_BYTES / 32}) m)`;
const insert = (from: number, to: number) => `INSERT INTO t SELECT ${ROW} FROM generate_series(${from}, ${to}) n`;
/** How far what the engine has read may be ahead of what is delivered: its memory, and the buffers of sockets on both sides of it. */
const AHEAD_BYTES_MAX = 2 * MEMORY;

/** Of the file. The broker has a second listener, which is reached through a proxy. */
let servers: Servers;
let proxy: Proxy;
before(async () => {
  if (SKIP !== false) return;
  const port = await freePort();
  const postgres = { version: '15', settings: { wal_sender_timeout: WAL_SENDER_TIMEOUT } } as const;
  servers = await Servers.start(postgres, { listeners: { SLOW: { protocol: 'PLAINTEXT', advertisedPort: port } } });
  proxy = await Proxy.start(Number(servers.broker.addressOf('SLOW').split(':')[1]), port);
});
after(async () => {
  if (SKIP !== false) return;
  await proxy.stop();
  await servers.destroy();
});

async function fill(feed: Feed, rows: number): Promise<void> {
  for (let from = 1; from <= rows; from += 1000) await feed.query(insert(from, Math.min(rows, from + 999)));
}

/** Waits until so many bytes were acknowledged; returns the most memory that the capture was seen to have meanwhile. */
async function peakUntil({ engine }: Feed, bytes: number): Promise<number> {
  let peak = 0;
  const enough = async () => {
    peak = Math.max(peak, residentBytesOf(engine.capturePid) ?? 0);
    return (await engine.metric('millrace_delivered_bytes_total')) >= bytes;
  };
  await until(enough, { deadlineMs: 180_000, everyMs: 250, what: () => `${bytes} bytes to be delivered:\n${engine.tail()}` });
  return peak;
}

/** Asserts that the topic has each row once, those of a partition in order, and that one capture with one connection did it. */
async function assertAll(feed: Feed, rows: number): Promise<void> {
  await feed.untilCount(rows, 120_000);
  await feed.untilConfirmed();
  for (const name of ['millrace_source_reconnects_total', 'millrace_capture_restarts_total']) {
    assert.equal(await feed.engine.metric(name), 0, `${name}:\n${feed.engine.tail()}`);
  }
  assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
  const records = await feed.records();
  const last = new Map<number, number>();
  for (const { partition, value } of records) {
    const { id } = (JSON.parse(value!.toString()) as { data: { id: number } }).data;
    assert.ok(id > (last.get(partition) ?? 0), `row ${id} behind row ${last.get(partition)} in partition ${partition}`);
    last.set(partition, id);
  }
  assert.equal(records.length, rows);
}

describe('a broker', { skip: SKIP }, () => {
  test('that takes 1 MB/s: memory stays, the source is read no faster, its connection stands, and readiness says why', async (t) => {
    const slow = { BOOTSTRAP_SERVERS: `127.0.0.1:${proxy.port}`, MEMORY: String(MEMORY), WORKERS: '2', COMPRESSION: 'none' };
    const feed = await servers.feed(t, { schema: SCHEMA, options: slow });
    await feed.engine.start();
    const idle = residentBytesOf(feed.engine.capturePid)!;
    proxy.limit(SLOW_BYTES_PER_SECOND);
    t.after(() => proxy.limit(null));
    await fill(feed, ROWS);
    const third = 8_000_000;
    const early = await peakUntil(feed, third);
    const late = await peakUntil(feed, 3 * third);
    assert.ok(late < early * 1.1, `${late} bytes of memory after ${early} in the first third`);
    assert.ok(late - idle < 2 * MEMORY, `${late} bytes of memory, ${idle} of them before the first row`);
    const received = await feed.engine.metric('millrace_source_received_bytes_total');
    const delivered = await feed.engine.metric('millrace_delivered_bytes_total');
    assert.ok(received < ROWS * PAD_BYTES, `${received} bytes were read: all that there are`);
    assert.ok(received - delivered < AHEAD_BYTES_MAX, `${received} bytes read, ${delivered} delivered`);
    assert.equal(await feed.engine.metric('millrace_source_stalled'), 1);
    const { ready, activity } = await feed.engine.readiness();
    assert.ok(ready);
    assert.match(
      String(activity),
      /^the brokers have taken less than the database sends for \d+ s \([01]\.\d MB\/s\), and it is read no faster$/,
    );

    proxy.limit(null);
    await assertAll(feed, ROWS);
    assert.doesNotMatch(servers.database.log(), /terminating walsender process due to replication timeout/);
  });

  test('with a quota: it is told once, shown while it presses, and nothing is lost', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, options: { COMPRESSION: 'none' } });
    const quota = (change: readonly string[]) =>
      servers.broker.tool('kafka.admin.ConfigCommand', [
        '--alter',
        '--entity-type',
        'clients',
        '--entity-name',
        `millrace-${feed.name}`,
        ...change,
      ]);
    await quota(['--add-config', 'producer_byte_rate=200000']);
    await feed.engine.start();
    assert.equal(await feed.engine.metric('millrace_producer_throttled'), 0);
    const rows = 5000;
    await fill(feed, rows);
    const throttled = async () => (await feed.engine.metric('millrace_producer_throttled_seconds_total')) > 2;
    await until(throttled, { deadlineMs: 60_000, what: () => `two seconds of throttling:\n${feed.engine.tail()}` });
    assert.equal(await feed.engine.metric('millrace_producer_throttled'), 1);
    const { reason, activity } = await feed.engine.readiness();
    assert.match(String(activity ?? reason), /a quota of the brokers holds Millrace back/);

    await quota(['--delete-config', 'producer_byte_rate']);
    await feed.untilCount(rows, 120_000);
    const free = async () => (await feed.engine.metric('millrace_producer_throttled')) === 0;
    await until(free, { deadlineMs: 60_000, what: 'the end of the throttling to be seen' });
    assert.equal((await feed.engine.readiness()).activity, null);
    const told = feed.engine
      .log()
      .split('\n')
      .filter((line) => line.includes('"code":"KAFKA_THROTTLED"'));
    assert.equal(told.length, 1, told.join('\n'));
    await assertAll(feed, rows);
  });
});
