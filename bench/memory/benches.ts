import type { Bench } from '../bench.ts';
import { ordersOfPostgres } from '../postgres/orders-source.ts';
import type { BinlogFlavor } from '../mariadb/servers.ts';
import type { BenchResult } from '../report/result.ts';
import type { BenchKafka } from '../support/broker.ts';
import type { BenchDatabase } from '../support/database.ts';
import { benchMemory } from './memory.ts';
import { benchWideRows } from './wide.ts';

const BINLOG_ROWS = 5_000_000;

type MemoryBench = (id: string, database: BenchDatabase, kafka: BenchKafka, rows: number, count: number) => Promise<BenchResult>;

/** `memory.*`: one transaction larger than memory, and a table of rows that are large. */
export const MEMORY_BENCHES: readonly Bench[] = [
  memory('memory.postgres.10m', 'memory', 10_000_000, (id, database, ...rest) => benchMemory(id, ordersOfPostgres(database), ...rest)),
  memory('memory.postgres.wide', 'memory_wide', 200, benchWideRows),
  binlogMemory('memory.mariadb.5m', 'mariadb'),
  binlogMemory('memory.mysql.5m.payload', 'mysql', true),
];

/** In a database of its own, which goes with it: both are large. */
function memory(id: string, name: string, rows: number, bench: MemoryBench): Bench {
  return {
    id,
    run: async (session) =>
      await session.inDatabase(name, (database, kafka) => bench(id, database, kafka, session.rows(rows), session.runs(1))),
  };
}

function binlogMemory(id: string, flavor: BinlogFlavor, isCompressed = false): Bench {
  return {
    id,
    run: async (session) =>
      await session.inBinlogDatabase(flavor, 'memory', async ({ client }, source, kafka) => {
        if (isCompressed) await client.query('set session binlog_transaction_compression = on');
        return await benchMemory(id, source, kafka, session.rows(BINLOG_ROWS), session.runs(1));
      }),
  };
}
