import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { NEEDS } from './stage.ts';
import { serversForFile, type Servers } from './servers.ts';

const SCHEMA = 'CREATE TABLE orders (id int PRIMARY KEY, note text)';
const skip = skipUnless(...NEEDS);

describe('a service that runs', { skip }, () => {
  let servers: Servers;
  const settings = { max_slot_wal_keep_size: '200MB' };
  serversForFile(skip, (started) => (servers = started), { version: '15', settings });

  it('tells of the slot, of each partition and of its threads', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 2 });
    await feed.engine.start();
    await feed.query(`INSERT INTO orders SELECT i, 'note' FROM generate_series(1, 1000) AS i`);
    await until(async () => (await feed.engine.metric('millrace_partition_delivered_messages_total')) === 1000, {
      what: 'all rows to be delivered by partition',
    });
    assert.equal(await feed.engine.metric('millrace_partition_offset'), 1000);
    assert.equal(await feed.engine.metric('millrace_partition_lag_rows'), 0);
    assert.ok((await feed.engine.metric('millrace_partition_throughput_messages_per_second')) > 0);
    await until(async () => (await feed.engine.metric('millrace_slot_held_bytes')) > 0, { what: 'the log that the slot holds' });
    const spare = await feed.engine.metric('millrace_slot_spare_bytes');
    assert.ok(spare > 0 && spare <= 400e6, `${spare} bytes to spare`);
    const threads = [...(await feed.engine.metrics()).matchAll(/_cpu_seconds_total\{.*process="(\w+)",thread="([^"]+)"/g)];
    const names = new Set(threads.map(([, process, thread]) => `${process} ${thread!.replace(/\d+$/, '')}`));
    for (const name of ['supervisor main', 'capture main', 'capture millrace-worker', 'capture rdk:main', 'capture rdk:broker']) {
      assert.ok(names.has(name), `${name} in ${[...names].join(', ')}`);
    }
  });

  it('is paused and goes on where it was, and counts what it exported over a restart of its own', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 2 });
    const { engine } = feed;
    const post = async (request: string) => {
      const url = `http://127.0.0.1:${engine.httpPort}/api/v1/changefeeds/${feed.name}/${request}`;
      assert.equal((await fetch(url, { method: 'POST', headers: { 'x-millrace': '1' } })).status, 200);
    };
    const job = async () => {
      const [row] = (await (await fetch(`http://127.0.0.1:${engine.httpPort}/api/v1/jobs`)).json()) as Record<string, unknown>[];
      return row!;
    };
    const exported = async (rows: number) =>
      await until(async () => (await job())['records_exported'] === rows, {
        what: () => `${rows} rows to be exported:\n${engine.tail()}`,
      });

    await engine.start();
    await feed.query(`INSERT INTO orders SELECT i, 'before' FROM generate_series(1, 100) AS i`);
    await exported(100);
    await post('pause');
    await until(async () => (await job())['status'] === 'stopped', { what: 'the pause' });
    assert.equal(await engine.isReady(), false);
    await feed.query(`INSERT INTO orders SELECT i, 'paused' FROM generate_series(101, 200) AS i`);
    assert.equal((await job())['records_exported'], 100);
    await post('resume');
    await exported(200);
    await post('restart');
    await until(() => engine.isReady(), { what: 'readiness after the restart' });
    await feed.query(`INSERT INTO orders SELECT i, 'after' FROM generate_series(201, 300) AS i`);
    await exported(300);
    const row = await job();
    assert.match(String(row['source_instance']), new RegExp(`^127\\.0\\.0\\.1:\\d+/${feed.name}$`));
    assert.deepEqual([row['sync_mode'], row['status'], row['error_message']], ['INCREMENTAL', 'normal', null]);

    assert.deepEqual(await engine.stop(), { code: 0, signal: null });
    const ids = (await feed.records()).map(({ value }) => (JSON.parse(value!.toString()) as { data: { id: number } }).data.id);
    assert.deepEqual(
      ids.sort((a, b) => a - b),
      Array.from({ length: 300 }, (_, i) => i + 1),
      'each row once: a clean end repeats nothing',
    );
  });
});
