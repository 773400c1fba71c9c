import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SUPERUSER } from '../../test/support/postgres-install.ts';
import { tempDir } from '../../test/support/temp.ts';
import { Load, type LoadResult } from '../latency/load.ts';
import type { Schedule } from '../latency/schedule.ts';
import { readStamps, type RowTimes } from '../latency/stamps.ts';
import { now } from '../measure/clock.ts';
import { assertCount, measureTransfer } from '../support/transfer.ts';
import type { Run } from '../report/result.ts';
import type { LoadedTable } from '../session.ts';
import type { Broker } from '../support/broker.ts';
import type { BenchDatabase } from '../support/database.ts';
import { startEngine } from '../support/engine.ts';
import { insertOrders } from '../support/orders.ts';
import { TopicWatch } from '../support/topic-watch.ts';
import type { Window } from './streamed.ts';

const PARTITIONS = 4;
/** The product makes its own publication, to which it adds the table that joins. */
const PUBLICATION = 'beside';
const START_DEADLINE_MS = 30_000;
/** A look at new tables every ten seconds. */
const JOIN_DEADLINE_MS = 60_000;
const DELIVERY_DEADLINE_MS = 60_000;
const POLL_MS = 5;

/** One run: rows per second of the table that joined, and the load that was streamed meanwhile. */
export interface BesideRun extends Run {
  /** From the first COPY of the table to its last message. */
  readonly read: Window;
  /** From the end of the load's warm-up to the first COPY: the stream alone. */
  readonly before: Window;
  readonly load: LoadResult;
  /** When each row of the load was acknowledged, by its number in the load. */
  readonly times: RowTimes;
}

/**
 * A fresh process streams the table `live`, into which a load of `schedule` goes. Then `orders` comes into the schema that is selected, and
 * so joins. Every row of both must be at the broker and have been acknowledged once. The stamps of that cost the product a write of 16
 * bytes for each message.
 */
export async function runBeside({ database, rows }: LoadedTable, broker: Broker, schedule: Schedule): Promise<BesideRun> {
  const { bootstrapServers } = broker;
  const directory = tempDir();
  const stamps = join(directory, 'stamps');
  const watch = async (table: string) => new TopicWatch(bootstrapServers, await broker.createTopic(PARTITIONS, table), PARTITIONS);
  const joining = await watch('orders');
  const live = await watch('live');
  await database.client.query('create schema later; create table live (like orders including all); alter table orders set schema later');
  const slot = database.newSlotName();
  const engine = await startEngine({
    sourceUrl: database.url('tcp'),
    slot,
    bootstrapServers,
    topic: '%{table}',
    syncMode: 'FULL + INCREMENTAL',
    options: { TABLES: 'public.*', PUBLICATION },
    stamps,
  });
  let load: Load | null = null;
  try {
    await engine.waitFor(() => database.walsender(slot), START_DEADLINE_MS, POLL_MS, `a reader of slot ${slot}`);
    load = new Load(taskOf(database, schedule, rows, join(directory, 'times')));
    await load.warmedUp();
    await live.waitForCount(1, DELIVERY_DEADLINE_MS, () => engine.assertRunning());
    // The first question to a topic takes longer than those that are to see its first message.
    await assertCount(joining, 0);
    const warm = now();
    await database.client.query('alter table later.orders set schema public');
    // A small table is read between two looks; its rows tell then.
    const hasBegun = async () => (await database.isCopying()) ?? (await joining.count()) > 0;
    await engine.waitFor(hasBegun, JOIN_DEADLINE_MS, POLL_MS, 'a COPY of the table that joins');
    const start = now();
    const transfer = await measureTransfer(engine, joining, rows, start);
    const read = { start, end: now() };
    load.stop();
    const result = await load.finished();
    const streamed = result.times.answered.filter((time) => time !== 0n).length * schedule.rowsPerCommit;
    await live.waitForCount(streamed, DELIVERY_DEADLINE_MS, () => engine.assertRunning());
    await engine.stop(0);
    await assertCount(joining, rows);
    await assertCount(live, streamed);
    const times = readStamps(readFileSync(stamps), rows + streamed).subarray(rows);
    return { ...transfer, rssBytes: engine.tree.peakBytes, read, before: { start: warm, end: start }, load: result, times };
  } catch (error) {
    throw engine.explain(error);
  } finally {
    load?.kill();
    await engine.kill();
    joining.close();
    live.close();
    await database.dropSlot(slot);
    await database.client.query(
      `alter table if exists later.orders set schema public; drop schema later; drop table live; drop publication if exists ${PUBLICATION}`,
    );
  }
}

/** Rows of the load have the ids after those of the table that joins, so that a stamp tells which of both it is of. */
function taskOf({ server, name }: BenchDatabase, schedule: Schedule, rows: number, timesPath: string) {
  const insert = insertOrders(`${rows} + $1`, `${rows} + $2`, 'live');
  const target = { kind: 'postgres', host: server.socketDir, port: server.port, user: SUPERUSER, database: name, insert } as const;
  return { schedule, target, timesPath };
}
