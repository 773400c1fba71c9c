import { waitForQuiet } from '../measure/quiet.ts';
import { significant } from '../measure/statistics.ts';
import { megabytes, summarize, type BenchResult, type Run } from '../report/result.ts';
import { runSnapshot } from '../snapshot/run.ts';
import type { BenchKafka } from '../support/broker.ts';
import type { BenchDatabase } from '../support/database.ts';

const PARTITIONS = 4;
/** Hexadecimal digits of hashes: neither PostgreSQL nor lz4 makes them smaller. */
const BLOCK_BYTES = 128;
const BLOCKS = 40_000;
const ROW_BYTES = BLOCKS * BLOCK_BYTES;
const TOPIC_LIMIT = 2 * ROW_BYTES;
/** A publication of our own, which the product makes: that of `orders` does not hold this table. */
const OPTIONS = { TABLES: 'public.wide', PUBLICATION: 'bench_wide' };

/**
 * Peak memory of supervisor and capture while a table of `rows` rows of 5 MB goes through as a snapshot: neither the table's size nor
 * several connections with a row as large as this each may make memory grow. MB of 10^6 bytes, sum of VmHWM.
 */
export async function benchWideRows(
  id: string,
  database: BenchDatabase,
  kafka: BenchKafka,
  rows: number,
  count: number,
): Promise<BenchResult> {
  await createWide(database, rows);
  const runs: Run[] = [];
  for (let index = 0; index < count; index++) {
    const topic = await kafka.createTopic(PARTITIONS, undefined, { 'max.message.bytes': String(TOPIC_LIMIT) });
    const { bootstrapServers } = kafka;
    await waitForQuiet();
    runs.push(await runSnapshot({ database, rows, socket: 'tcp', bootstrapServers, topic, partitions: PARTITIONS, options: OPTIONS }));
  }
  const inMemory = runs.map((run) => ({ ...run, value: megabytes(run.rssBytes) }));
  return summarize(id, 'MB', inMemory, null, {
    rows,
    row_mb: megabytes(ROW_BYTES),
    mb_per_second: significant(megabytes(ROW_BYTES) * Math.min(...runs.map((run) => run.value))),
  });
}

async function createWide({ client }: BenchDatabase, rows: number): Promise<void> {
  await client.query('create table wide(id int primary key, body text)');
  // Stored as it is: trying to compress it would take longer than making it.
  await client.query('alter table wide alter body set storage external');
  await client.query(`insert into wide select row, string_agg(encode(sha512(int8send(row * ${BLOCKS}::bigint + block)), 'hex'), '')
    from generate_series(1, ${rows}) row, generate_series(1, ${BLOCKS}) block group by row`);
  await client.query('vacuum analyze wide');
}
