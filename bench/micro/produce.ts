import { once } from 'node:events';
import { fork } from 'node:child_process';
import { addTopic, attachLane, close, createProducer, detachLane, flush, produce } from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import type { Bench } from '../bench.ts';
import { measureMicro } from './measure.ts';

const PARTITIONS = 4;
/** Messages of one native call, and calls between two flushes. */
const BATCH = 1_000;
const BATCHES = 20;
const KEY_BYTES = 13;
const VALUE_BYTES = 420;
const TIMEOUT_MS = 30_000;
const WAIT_MS = 50;

/**
 * `micro.produce`: messages of the usual size from one slab, grouped by partition, until the mock broker of another process has
 * acknowledged them.
 */
export const PRODUCE_BENCH: Bench = {
  id: 'micro.produce',
  run: async (session) => {
    const broker = fork(new URL('./mock-broker.js', import.meta.url));
    try {
      const [bootstrapServers] = (await once(broker, 'message')) as [string];
      const delivery = new Int32Array(new SharedArrayBuffer(LAYOUT.TABLE_WORDS * 4));
      const config = {
        'bootstrap.servers': bootstrapServers,
        'enable.idempotence': 'true',
        'compression.type': 'lz4',
        'linger.ms': '1',
      };
      const handle = createProducer({ config, delivery });
      const memory = messagesFor(addTopic(handle, 'bench', PARTITIONS, 0, 1_000_000));
      const lane = attachLane(memory);
      try {
        return await measureMicro('micro.produce', BATCH * BATCHES, session.runs(5), async () => {
          for (let batch = 0; batch < BATCHES; batch++) {
            let taken = 0;
            while (taken < BATCH) taken += produce(lane, handle, taken, BATCH - taken, WAIT_MS);
          }
          if (!(await flush(handle, TIMEOUT_MS))) throw new Error('the broker did not acknowledge in time');
        });
      } finally {
        detachLane(lane);
        await close(handle, TIMEOUT_MS);
      }
    } finally {
      broker.kill('SIGKILL');
    }
  },
};

/** A slab and a descriptor table with one batch of messages, a quarter of it for each partition. */
function messagesFor(topic: number): { slab: Uint8Array; messages: Int32Array } {
  const text = JSON.stringify({ database: 'bench', table: 'orders', note: 'x'.repeat(64) });
  const slab = new Uint8Array(new SharedArrayBuffer(BATCH * (KEY_BYTES + VALUE_BYTES)));
  const messages = new Int32Array(new SharedArrayBuffer(BATCH * LAYOUT.MESSAGE_WORDS * 4));
  for (let index = 0; index < BATCH; index++) {
    const keyAt = index * (KEY_BYTES + VALUE_BYTES);
    const valueAt = keyAt + KEY_BYTES;
    slab.set(Buffer.from(`{"id":${1_000_000 + index}}`.padEnd(KEY_BYTES).slice(0, KEY_BYTES)), keyAt);
    slab.set(Buffer.from(`${index} ${text}`.repeat(8).slice(0, VALUE_BYTES)), valueAt);
    const at = index * LAYOUT.MESSAGE_WORDS;
    messages[at + LAYOUT.MESSAGE_KEY_OFFSET] = keyAt;
    messages[at + LAYOUT.MESSAGE_KEY_LENGTH] = KEY_BYTES;
    messages[at + LAYOUT.MESSAGE_VALUE_OFFSET] = valueAt;
    messages[at + LAYOUT.MESSAGE_VALUE_LENGTH] = VALUE_BYTES;
    messages[at + LAYOUT.MESSAGE_TOPIC] = topic;
    messages[at + LAYOUT.MESSAGE_PARTITION] = Math.floor((index * PARTITIONS) / BATCH);
    messages[at + LAYOUT.MESSAGE_OPAQUE_LOW] = index;
  }
  return { slab, messages };
}
