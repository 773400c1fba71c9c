/** A process that ends, in the way its argument names, while messages are in flight in main thread and workers. */
import { Worker } from 'node:worker_threads';
import { addTopic, createProducer, flush, MockCluster, onDelivery, produce } from '../../native-bridge/index.ts';
import { acknowledgeFirst } from '../support/first-messages.ts';
import { TestLane, TestTable, TOPIC_BYTES } from './fixture.ts';
import type { WorkerTask } from './worker-fixture.ts';

const [way, stampsPath = ''] = process.argv.slice(2);
const cluster = new MockCluster(1);
cluster.createTopic('t', 2, 1);
const table = new TestTable();
const handle = createProducer({
  config: { 'bootstrap.servers': cluster.bootstrapServers, 'statistics.interval.ms': '1', 'queue.buffering.max.messages': '20000' },
  delivery: table.words,
  stampsPath,
});
addTopic(handle, 't', 2, 0, TOPIC_BYTES);
acknowledgeFirst(table.words, 2);
onDelivery(() => undefined);
const lane = new TestLane();
const count = lane.fill(Array.from({ length: 1000 }, (_, epoch) => ({ epoch })));
produce(lane.id, handle, 0, count, 0);

function startWorker(mode: WorkerTask['mode']): Promise<void> {
  const task: WorkerTask = { mode, handle, partition: 1, messages: 0 };
  const worker = new Worker(new URL('./worker-fixture.js', import.meta.url), { workerData: task });
  return new Promise((resolve) => worker.once('message', () => resolve()));
}

switch (way) {
  case 'end':
    break;
  case 'exit':
    void flush(handle, 600_000);
    process.exit(0);
  case 'exit-after-delivery':
    await flush(handle, 600_000);
    process.exit(0);
  case 'exit-with-workers':
    await Promise.all([startWorker('endless'), startWorker('own'), startWorker('flush')]);
    produce(lane.id, handle, 0, count, 0);
    process.exit(0);
  case 'exit-broker-down':
    cluster.setBrokerDown(1);
    produce(lane.id, handle, 0, count, 0);
    await startWorker('endless');
    void flush(handle, 600_000);
    process.exit(0);
  case 'throw':
    await startWorker('endless');
    setImmediate(() => {
      throw new Error('thrown on purpose');
    });
    break;
  default:
    throw new Error(`no such way to end: ${way}`);
}
