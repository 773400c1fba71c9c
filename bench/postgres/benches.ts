import type { Bench } from '../bench.ts';
import { startMockBroker } from '../support/broker.ts';
import type { Socket } from '../support/database.ts';
import { benchThroughput, benchVariant, type EngineOptions } from './throughput.ts';

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

const BY_COLUMN = { PARTITION_BY: 'column', PARTITION_COLUMNS: 'customer_id', PARTITION_HASH: 'murmur3' };

/**
 * `postgres.*`: inserts from one slot into the mock broker and into the real Kafka, by TCP and by Unix socket; other messages beside the
 * usual ones; updates of a table with REPLICA IDENTITY FULL; a login with SCRAM over TLS beside a plain connection.
 */
export const POSTGRES_BENCHES: readonly Bench[] = [
  throughput('mock', 'tcp'),
  variant('columns', BY_COLUMN),
  throughput('mock', 'unix'),
  throughput('kafka', 'tcp'),
  throughput('kafka', 'unix'),
  tls('postgres.kafka.tls'),
  variant('kv-json', { FORMAT: 'kv-json' }),
  variant('options', ALL_OUTPUT),
  variant('topic-store', { CHECKPOINT_STORE: 'topic' }),
  updates('postgres.mock.tcp.updates'),
];

function throughput(broker: 'mock' | 'kafka', socket: Socket): Bench {
  const id = `postgres.${broker}.${socket}`;
  return {
    id,
    run: async (session) => {
      const start = broker === 'mock' ? startMockBroker : () => session.kafka();
      return await benchThroughput(id, await session.loadedLog(), socket, start, session.runs(PAIRS));
    },
  };
}

function variant(name: string, options: EngineOptions): Bench {
  const id = `postgres.mock.tcp.${name}`;
  return { id, run: async (session) => await benchVariant(id, await session.loadedLog(), session.runs(PAIRS), options) };
}

function tls(id: string): Bench {
  return {
    id,
    run: async (session) => {
      const kafka = await session.kafka();
      const usual = { id: 'postgres.kafka.tcp', startBroker: () => Promise.resolve(kafka) };
      return await benchVariant(id, await session.loadedLog(), session.runs(PAIRS), await kafka.secureOptions(), usual);
    },
  };
}

function updates(id: string): Bench {
  return {
    id,
    run: async (session) =>
      await benchThroughput(id, await session.updatesLog(), 'tcp', startMockBroker, session.runs(PAIRS), { OLD: 'changed' }),
  };
}
