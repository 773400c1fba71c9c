import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../../test/support/temp.ts';
import { readStamps } from '../latency/stamps.ts';
import { now } from '../measure/clock.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { assertCount } from '../support/transfer.ts';
import { whenStreaming } from '../postgres/streaming.ts';
import { summarize, type BenchResult, type Run } from '../report/result.ts';
import type { Broker } from '../support/broker.ts';
import type { BenchDatabase } from '../support/database.ts';
import { startEngine } from '../support/engine.ts';
import { insertOrders } from '../support/orders.ts';
import { TopicWatch } from '../support/topic-watch.ts';

const PARTITIONS = 4;
const DEADLINE_MS = 60_000;

/**
 * Milliseconds from the spawn of `millrace run` to the first acknowledgement by real Kafka: slot, publication, topic and checkpoint are
 * there from a run before, and one row waits.
 */
export async function benchStart(id: string, database: BenchDatabase, kafka: Broker, count: number): Promise<BenchResult> {
  const runs: Run[] = [];
  let busyCores = 0;
  for (let index = 0; index < count; index++) {
    await database.client.query('truncate orders');
    busyCores = Math.max(busyCores, await waitForQuiet());
    runs.push(await runOnce(database, kafka));
  }
  return summarize(id, 'ms', runs, null, { others_busy_cores: busyCores });
}

async function runOnce(database: BenchDatabase, kafka: Broker): Promise<Run> {
  const topic = await kafka.createTopic(PARTITIONS);
  const watch = new TopicWatch(kafka.bootstrapServers, topic, PARTITIONS);
  const slot = await database.createSlot();
  const directory = tempDir();
  const settings = { sourceUrl: database.url('tcp'), slot, bootstrapServers: kafka.bootstrapServers, topic, directory };
  const insert = (row: number) => database.client.query(insertOrders(`${row}::bigint`, `${row}::bigint`));
  let engine = await startEngine(settings);
  try {
    await whenStreaming(engine, database, slot, DEADLINE_MS);
    await insert(1);
    await watch.waitForCount(1, DEADLINE_MS, () => engine.assertRunning());
    await engine.stop(0);
    await insert(2);

    const stamps = join(directory, 'stamps');
    const start = now();
    engine = await startEngine({ ...settings, stamps });
    await watch.waitForCount(2, DEADLINE_MS, () => engine.assertRunning());
    await engine.stop(0);
    await assertCount(watch, 2);
    const [, , acknowledged] = readStamps(readFileSync(stamps), 2, 2);
    return { value: Number(acknowledged! - start) / 1e6, cpuUsPerRow: null, rssBytes: engine.tree.peakBytes };
  } catch (error) {
    throw engine.explain(error);
  } finally {
    await engine.kill();
    watch.close();
    await database.dropSlot(slot);
  }
}
