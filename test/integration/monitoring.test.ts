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
});
