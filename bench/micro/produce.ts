import { once } from 'node:events';
import { fork } from 'node:child_process';
import { addTopic, attachLane, close, createProducer, detachLane, flush, produce } from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import type { Bench } from '../bench.ts';
import { messagesFor } from '../support/messages.ts';
import { measureMicro } from './measure.ts';

const PARTITIONS = 4;
/** Messages of one native call, and calls between two flushes. */
const BATCH = 1_000;
const BATCHES = 20;
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
      const memory = messagesFor(addTopic(handle, 'bench', PARTITIONS, 0, 1_000_000), PARTITIONS, BATCH);
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
