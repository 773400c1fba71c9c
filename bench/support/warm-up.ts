import { setImmediate as nextTurn } from 'node:timers/promises';
import { addTopic, attachLane, close, createProducer, detachLane, produce } from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { messagesFor } from './messages.ts';

/**
 * Each round is a request for every partition: small ones, then bulk. After so many, a new broker's latencies have come down to those of
 * one that has run for long, and its compiler is at rest under full load.
 */
const PHASES = [
  { rounds: 20_000, messagesPerPartition: 5 },
  { rounds: 2_000, messagesPerPartition: 200 },
] as const;
const CLOSE_MS = 5_000;
const WAIT_MS = 50;

/**
 * Lets a broker's JVM compile before it is measured: it does so for the first minute of a load, with processors that the measurement
 * needs.
 */
export async function warmUp(bootstrapServers: string, topic: string, partitions: number): Promise<void> {
  const delivery = new Int32Array(new SharedArrayBuffer(LAYOUT.TABLE_WORDS * 4));
  const config = { 'bootstrap.servers': bootstrapServers, 'enable.idempotence': 'true', 'compression.type': 'lz4', 'linger.ms': '0' };
  const handle = createProducer({ config, delivery });
  const topicIndex = addTopic(handle, topic, partitions, 0, 1_000_000);
  try {
    for (const { rounds, messagesPerPartition } of PHASES) {
      const count = partitions * messagesPerPartition;
      const lane = attachLane(messagesFor(topicIndex, partitions, count));
      try {
        for (let round = 0; round < rounds; round++) {
          for (let taken = 0; taken < count;) taken += produce(lane, handle, taken, count - taken, WAIT_MS);
          while (Atomics.load(delivery, LAYOUT.HEADER_IN_FLIGHT) > 0) await nextTurn();
        }
      } finally {
        detachLane(lane);
      }
    }
  } finally {
    await close(handle, CLOSE_MS);
  }
}
