import type { Bench } from '../bench.ts';
import { benchVariant, type EngineOptions } from '../postgres/throughput.ts';

const PAIRS = 3;

/**
 * `tuning.*`: one option that an operator may turn, beside the shipped default, from one slot into the real Kafka. docs/operations.md
 * quotes them.
 */
export const TUNING_BENCHES: readonly Bench[] = [
  tuning('workers.2', { WORKERS: '2' }),
  tuning('memory.64mb', { MEMORY: '64MB' }),
  tuning('memory.512mb', { MEMORY: '512MB' }),
  tuning('linger.5ms', { LINGER_MS: '5' }),
  tuning('batch.16kb', { BATCH_BYTES: '16kB' }),
  tuning('compression.none', { COMPRESSION: 'none' }),
  tuning('compression.snappy', { COMPRESSION: 'snappy' }),
  tuning('compression.zstd', { COMPRESSION: 'zstd' }),
  tuning('compression.gzip', { COMPRESSION: 'gzip' }),
  tuning('checkpoint.100ms', { CHECKPOINT_INTERVAL: '100ms' }),
  tuning('checkpoint.10s', { CHECKPOINT_INTERVAL: '10s' }),
];

function tuning(name: string, options: EngineOptions): Bench {
  const id = `tuning.${name}`;
  return {
    id,
    optIn: true,
    run: async (session) => {
      const usual = { id: 'postgres.kafka.tcp', startBroker: () => session.kafka() };
      return await benchVariant(id, await session.loadedLog(), session.runs(PAIRS), options, usual);
    },
  };
}
