import type { Bench } from '../bench.ts';
import { startMockBroker } from '../support/broker.ts';
import type { Socket } from '../support/database.ts';
import { benchThroughput } from './throughput.ts';

const PAIRS = 5;

/** `postgres.*`: one slot into the mock broker and into the real Kafka, by TCP and by Unix socket. */
export const POSTGRES_BENCHES: readonly Bench[] = [
  throughput('mock', 'tcp'),
  throughput('mock', 'unix'),
  throughput('kafka', 'tcp'),
  throughput('kafka', 'unix'),
];

function throughput(broker: 'mock' | 'kafka', socket: Socket): Bench {
  const id = `postgres.${broker}.${socket}`;
  return {
    id,
    run: async (session) => {
      const log = await session.loadedLog();
      const start = broker === 'mock' ? startMockBroker : () => session.kafka();
      return await benchThroughput(id, log, socket, start, session.runs(PAIRS));
    },
  };
}
