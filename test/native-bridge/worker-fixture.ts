import { parentPort, workerData } from 'node:worker_threads';
import { addTopic, createProducer, flush, MockCluster, onDelivery, produce, type ProducerHandle } from '../../native-bridge/index.ts';
import { TestLane, TestTable, TOPIC_BYTES } from './fixture.ts';

/** What a worker of `threads.test.ts` does; `own` makes its own broker and producer. */
export interface WorkerTask {
  readonly mode: 'all' | 'endless' | 'flush' | 'own';
  readonly handle: ProducerHandle;
  readonly partition: number;
  readonly messages: number;
}

const task = workerData as WorkerTask;
const lane = new TestLane();

function batch(): number {
  return lane.fill(
    Array.from({ length: 500 }, (_, row) => ({ value: `${task.partition}-${row}`, partition: task.partition, epoch: task.partition })),
  );
}

function produceAll(): void {
  const count = batch();
  for (let sent = 0; sent < task.messages; sent += count) {
    for (let accepted = 0; accepted < count;) accepted += produce(lane.id, task.handle, accepted, count - accepted, 50);
  }
}

function ownProducer(): ProducerHandle {
  const cluster = new MockCluster(1);
  cluster.createTopic('t', 2, 1);
  const handle = createProducer({ config: { 'bootstrap.servers': cluster.bootstrapServers }, delivery: new TestTable().words });
  addTopic(handle, 't', 2, 0, TOPIC_BYTES);
  onDelivery(() => undefined);
  return handle;
}

switch (task.mode) {
  case 'all':
    produceAll();
    lane.detach();
    break;
  case 'endless': {
    const count = batch();
    parentPort?.postMessage('running');
    for (;;) produce(lane.id, task.handle, 0, count, 50);
  }
  case 'flush':
    void flush(task.handle, 600_000);
    parentPort?.postMessage('running');
    break;
  case 'own': {
    const handle = ownProducer();
    const count = batch();
    setInterval(() => produce(lane.id, handle, 0, count, 0), 1);
    void flush(handle, 600_000);
    parentPort?.postMessage('running');
    break;
  }
}
