/**
 * A process of its own that produces messages as fast as it can and prints its resident memory after a fifth of them and at the end.
 * Arguments: bootstrap servers, messages, librdkafka properties as JSON.
 */
import { addTopic, close, createProducer, flush, produce } from '../../native-bridge/index.ts';
import { TestLane, TestTable, TOPIC_BYTES } from './fixture.ts';

const BATCH = 1000;
const PARTITIONS = 4;
const [bootstrapServers = '', messages = '0', config = '{}'] = process.argv.slice(2);
const total = Number(messages);
const table = new TestTable();
const handle = createProducer({
  config: { 'bootstrap.servers': bootstrapServers, 'enable.idempotence': 'true', ...(JSON.parse(config) as Record<string, string>) },
  delivery: table.words,
});
addTopic(handle, 't', PARTITIONS, 0, TOPIC_BYTES);

// Lengths from 200 to 639 bytes in no order that an allocator could take advantage of.
const lane = new TestLane(1 << 20, BATCH);
const value = '{"id":0123456789,"name":"abcdefghijklmnopqrstuvwxyz"},'.repeat(12);
const count = lane.fill(
  Array.from({ length: BATCH }, (_, row) => ({
    key: `{"id":${row}}`,
    value: value.slice(0, 200 + ((row * 7919) % 440)),
    partition: Math.floor((row * PARTITIONS) / BATCH),
  })),
);

async function produceUpTo(end: number): Promise<number> {
  for (; sent < end; sent += count) {
    for (let accepted = 0; accepted < count;) accepted += produce(lane.id, handle, accepted, count - accepted, 50);
  }
  if (!(await flush(handle, 120_000))) throw new Error('messages are left after two minutes');
  return process.memoryUsage.rss();
}

let sent = 0;
const early = await produceUpTo(total / 5);
const late = await produceUpTo(total);
process.stdout.write(JSON.stringify({ early, late, delivered: table.totals.delivered }));
await close(handle, 10_000);
