/**
 * The demo: a real PostgreSQL or MariaDB, a real (or embedded) Kafka, one changefeed between them, and what it does.
 * Exit code 0 only when everything that was written was read back, once and in order.
 *
 *   npm run demo [-- mariadb] [-- --keep] [-- --rows N] [-- --embedded]
 */
import { parseArgs } from 'node:util';
import { Millrace } from '../test/support/millrace.ts';
import { startBroker, type DemoBroker } from './demo/broker.ts';
import { BURST_FIRST_ID, runBurst, type BurstResult } from './demo/burst.ts';
import { startDatabase, type DemoDatabase } from './demo/database.ts';
import { LATENCY_FIRST_ID, measureLatency, type LatencyResult } from './demo/latency.ts';
import { TopicReader } from './demo/reader.ts';
import { Tally } from './demo/tally.ts';
import { takeTour } from './demo/tour.ts';

const TOPIC = 'shop';
const PARTITIONS = 4;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Everything stays up until Ctrl-C. */
    keep: { type: 'boolean', default: false },
    /** Rows of the burst. */
    rows: { type: 'string', default: '200000' },
    /** The embedded broker, though Apache Kafka could be had. */
    embedded: { type: 'boolean', default: false },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);

try {
  await demo(Number(flags.rows));
} catch (error) {
  print(`\nFAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
process.exit(0);

async function demo(burstRows: number): Promise<void> {
  const [database, broker] = await Promise.all([startDatabase(kindIn(positionals)), startBroker(flags.embedded)]);
  print(`${database.title}, Kafka: ${broker.title} on ${broker.bootstrapServers}`);
  for (const statement of [...database.shop.schema, ...database.shop.stock]) await database.query(statement);
  await broker.createTopic(TOPIC, PARTITIONS);
  const tally = new Tally();
  const reader = new TopicReader(broker.bootstrapServers, (arrival) => tally.take(arrival));
  await reader.start(TOPIC, PARTITIONS);
  const engine = await startEngine(database, broker);

  print('\nSQL, and the messages that it made (read back from Kafka):');
  await takeTour(database, tally, print);
  tally.forgetValues();
  const tourMessages = reader.count;

  print("\nLatency of 1,000 single-row commits at 200/s, from the commit's answer to the consumer:");
  const latency = await measureLatency(database, tally);
  print(`  p50 ${latency.p50Ms.toFixed(1)} ms, p99 ${latency.p99Ms.toFixed(1)} ms`);

  print(`\nA burst of ${burstRows.toLocaleString('en')} rows: inserts, then an update of each:`);
  const burst = await runBurst(database, reader, tally, {
    rows: burstRows,
    paced: !broker.keepsEverything,
    checkEngine: () => {
      if (engine.exit !== null) throw new Error(`the engine ended in the burst:\n${engine.tail()}`);
    },
    progress: showProgress(),
  });
  await verify(database, reader, tally, { tourMessages, latency, burst });
  if (flags.keep) return await keepRunning(database, broker);
  await shutDown(reader, engine, broker, database);
}

function kindIn(names: readonly string[]): 'postgres' | 'mariadb' {
  const [name = 'postgres', ...more] = names;
  if (more.length > 0 || (name !== 'postgres' && name !== 'mariadb'))
    throw new Error(`given: ${names.join(' ')}; accepted: postgres, mariadb`);
  return name;
}

async function startEngine(database: DemoDatabase, broker: DemoBroker): Promise<Millrace> {
  const engine = await Millrace.prepare({
    SOURCE_URL: database.url,
    TABLES: 'shop.*',
    BOOTSTRAP_SERVERS: broker.bootstrapServers,
    TOPIC,
  });
  await engine.start();
  print(`millrace runs (pid ${engine.pid}): http://127.0.0.1:${engine.httpPort}/`);
  return engine;
}

/** One line that is written over on a terminal; elsewhere the last one counts. */
function showProgress(): (line: string) => void {
  return (line) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${line.padEnd(100)}`);
  };
}

interface Results {
  readonly tourMessages: number;
  readonly latency: LatencyResult;
  readonly burst: BurstResult;
}

/** Holds what came out of Kafka against what the database holds; throws at the first difference. */
async function verify(database: DemoDatabase, reader: TopicReader, tally: Tally, { tourMessages, latency, burst }: Results): Promise<void> {
  const [row] = await database.query(database.shop.written, [BURST_FIRST_ID]);
  const written = { orders: Number(row?.['orders']), updates: Number(row?.['updates']) };
  const seen = tally.versionsFrom(BURST_FIRST_ID);
  if (process.stdout.isTTY) print('');
  print(
    `  ${burst.rows.toLocaleString('en')} rows in Kafka after ${burst.seconds.toFixed(2)} s: ${Math.round(burst.rowsPerSecond).toLocaleString('en')} rows/s, ${burst.megabytesPerSecond.toFixed(1)} MB/s`,
  );
  const expected = tourMessages + latency.commits + written.orders + written.updates;
  const checks: [string, boolean][] = [
    [
      `${(written.orders + written.updates).toLocaleString('en')} burst rows written, ${(seen.orders + seen.updates).toLocaleString('en')} read back`,
      seen.orders === written.orders && seen.updates === written.updates,
    ],
    [
      `${expected.toLocaleString('en')} messages expected in all, ${reader.count.toLocaleString('en')} read: nothing lost, nothing twice`,
      reader.count === expected,
    ],
    [`order of each key's versions${tally.example === '' ? '' : ` (${tally.example})`}`, tally.outOfOrder === 0],
    [
      `all ${latency.commits.toLocaleString('en')} rows of the latency run`,
      tally.versionsFrom(LATENCY_FIRST_ID).orders === latency.commits + written.orders,
    ],
  ];
  print("\nVerified by Confluent's consumer:");
  for (const [what, holds] of checks) print(`  ${holds ? 'ok    ' : 'WRONG '} ${what}`);
  if (checks.some(([, holds]) => !holds)) throw new Error('what was read back is not what was written');
}

/** Ctrl-C ends it: a terminal sends that to the servers too, and what they hold is thrown away. */
async function keepRunning(database: DemoDatabase, broker: DemoBroker): Promise<never> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.prependOnceListener(signal, () => process.exit(0));
  print(`\nEverything keeps running until Ctrl-C:\n  ${database.prompt}\n  kcat -b ${broker.bootstrapServers} -t ${TOPIC} -o end`);
  return await new Promise<never>(() => {});
}

async function shutDown(reader: TopicReader, engine: Millrace, broker: DemoBroker, database: DemoDatabase): Promise<void> {
  await reader.stop();
  const exit = await engine.stop();
  await Promise.all([broker.stop(), database.stop()]);
  if (exit.code !== 0) throw new Error(`millrace ended with ${exit.code ?? exit.signal}:\n${engine.tail()}`);
}
