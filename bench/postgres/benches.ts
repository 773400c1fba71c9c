import type { Bench } from '../bench.ts';
import { startMockBroker } from '../support/broker.ts';
import type { Socket } from '../support/database.ts';
import { benchThroughput, type EngineOptions } from './throughput.ts';

const PAIRS = 5;

/** Every field that a message can have besides the shipped ones. */
const ALL_OUTPUT = {
  OUTPUT_XOFFSET: 'true',
  OUTPUT_BINLOG_POSITION: 'true',
  OUTPUT_SERVER_ID: 'true',
  OUTPUT_THREAD_ID: 'true',
  OUTPUT_SCHEMA_ID: 'true',
  OUTPUT_PUSH_TIMESTAMP: 'true',
  OUTPUT_PRIMARY_KEY_COLUMNS: 'true',
};

/** `postgres.*`: one slot into the mock broker and into the real Kafka, by TCP and by Unix socket; other messages into the mock broker. */
export const POSTGRES_BENCHES: readonly Bench[] = [
  throughput('mock', 'tcp'),
  throughput('mock', 'tcp', 'columns', {
    PARTITION_BY: 'column',
    PARTITION_COLUMNS: 'customer_id',
    PARTITION_HASH: 'murmur3',
  }),
  throughput('mock', 'unix'),
  throughput('kafka', 'tcp'),
  throughput('kafka', 'unix'),
  throughput('mock', 'tcp', 'kv-json', { FORMAT: 'kv-json' }),
  throughput('mock', 'tcp', 'options', ALL_OUTPUT),
];

function throughput(broker: 'mock' | 'kafka', socket: Socket, variant: string | null = null, options: EngineOptions = {}): Bench {
  const id = `postgres.${broker}.${socket}${variant === null ? '' : `.${variant}`}`;
  return {
    id,
    run: async (session) => {
      const log = await session.loadedLog();
      const start = broker === 'mock' ? startMockBroker : () => session.kafka();
      return await benchThroughput(id, log, socket, start, session.runs(PAIRS), options);
    },
  };
}
