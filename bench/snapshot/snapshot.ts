import { now, secondsBetween } from '../measure/clock.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { median, significant } from '../measure/statistics.ts';
import type { ReferenceRun } from '../postgres/reference.ts';
import { assertCount, deadlineFor } from '../postgres/run.ts';
import { summarize, type BenchResult, type Run } from '../report/result.ts';
import type { Broker } from '../support/broker.ts';
import type { BenchDatabase, Socket } from '../support/database.ts';
import { startEngine } from '../support/engine.ts';
import { TopicWatch } from '../support/topic-watch.ts';
import { REFERENCE_NAME, runCopy } from './reference.ts';

const PARTITIONS = 4;
const START_DEADLINE_MS = 30_000;
const POLL_MS = 2;

/** Rows per second of a whole table into a broker, from its first COPY to the last message, beside one COPY of it by psql. */
export async function benchSnapshot(
  id: string,
  database: BenchDatabase,
  rows: number,
  socket: Socket,
  startBroker: () => Promise<Broker>,
  count: number,
): Promise<BenchResult> {
  const engine: Run[] = [];
  const reference: ReferenceRun[] = [];
  for (let pair = 0; pair < count; pair++) {
    const broker = await startBroker();
    try {
      await waitForQuiet();
      engine.push(await runEngine(database, rows, socket, broker));
    } finally {
      await broker.release();
    }
    await waitForQuiet();
    reference.push(await runCopy(database, socket));
  }
  const runs = reference.map((run) => rows / run.seconds);
  return summarize(
    id,
    'rows/s',
    engine,
    { name: REFERENCE_NAME, runs },
    {
      rows,
      reference_cpu_us_per_row: significant(median(reference.map((run) => (run.cpuSeconds / rows) * 1e6)), 3),
    },
  );
}

/** One run of a fresh process. It goes on to stream afterwards, so that what it cost can be read. */
async function runEngine(database: BenchDatabase, rows: number, socket: Socket, broker: Broker): Promise<Run> {
  const { bootstrapServers } = broker;
  const topic = await broker.createTopic(PARTITIONS);
  const watch = new TopicWatch(bootstrapServers, topic, PARTITIONS);
  const slot = database.newSlotName();
  const settings = { sourceUrl: database.url(socket), slot, bootstrapServers, topic, syncMode: 'FULL + INCREMENTAL' } as const;
  const process = await startEngine(settings);
  try {
    await process.waitFor(() => database.isCopying(), START_DEADLINE_MS, POLL_MS, 'a COPY');
    const start = now();
    const cpuAtStart = process.tree.cpuSeconds();
    const end = await watch.waitForCount(rows, deadlineFor(rows), () => process.assertRunning());
    const cpuSeconds = process.tree.cpuSeconds() - cpuAtStart;
    await process.stop(0);
    await assertCount(watch, rows);
    return { value: rows / secondsBetween(start, end), cpuUsPerRow: (cpuSeconds / rows) * 1e6, rssBytes: process.tree.peakBytes };
  } catch (error) {
    throw process.explain(error);
  } finally {
    await process.kill();
    watch.close();
    await database.dropSlot(slot);
  }
}
