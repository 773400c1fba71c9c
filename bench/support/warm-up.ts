import { setImmediate as nextTurn } from 'node:timers/promises';
import { addTopic, attachLane, close, createProducer, detachLane, produce } from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { messagesFor } from './messages.ts';

/** Each is a request for every partition. After so many, a new broker's latencies have come down to those of one that has run for long. */
const ROUNDS = 20_000;
const MESSAGES_PER_PARTITION = 5;
const CLOSE_MS = 5_000;
const WAIT_MS = 50;

/**
 * Lets a broker's JVM compile the way of small requests before its latency is measured: it does so for the first minute of such a load,
 * with processors that the measurement needs.
 */
export async function warmUp(bootstrapServers: string, topic: string, partitions: number): Promise<void> {
  const delivery = new Int32Array(new SharedArrayBuffer(LAYOUT.TABLE_WORDS * 4));
  const config = { 'bootstrap.servers': bootstrapServers, 'enable.idempotence': 'true', 'compression.type': 'lz4', 'linger.ms': '0' };
  const handle = createProducer({ config, delivery });
  const count = partitions * MESSAGES_PER_PARTITION;
  const lane = attachLane(messagesFor(addTopic(handle, topic, partitions, 0, 1_000_000), partitions, count));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (let taken = 0; taken < count;) taken += produce(lane, handle, taken, count - taken, WAIT_MS);
      while (Atomics.load(delivery, LAYOUT.HEADER_IN_FLIGHT) > 0) await nextTurn();
    }
  } finally {
    detachLane(lane);
    await close(handle, CLOSE_MS);
  }
}
