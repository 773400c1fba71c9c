import { now } from '../measure/clock.ts';
import { assertCount, measureTransfer } from '../support/transfer.ts';
import type { Run } from '../report/result.ts';
import type { BenchDatabase, Socket } from '../support/database.ts';
import { startEngine } from '../support/engine.ts';
import { TopicWatch } from '../support/topic-watch.ts';

const START_DEADLINE_MS = 30_000;
const POLL_MS = 2;

/** A table that is to be exported whole, and the topic for it. */
export interface Export {
  readonly database: BenchDatabase;
  readonly rows: number;
  readonly socket: Socket;
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly partitions: number;
  /** Options of the product, by their environment names without the prefix. */
  readonly options?: Readonly<Record<string, string>>;
}

/**
 * One run of a fresh process: rows per second from its first COPY to the last message. It goes on to stream afterwards, so that what it
 * cost can be read.
 */
export async function runSnapshot({ database, rows, socket, topic, partitions, ...sink }: Export): Promise<Run> {
  const watch = new TopicWatch(sink.bootstrapServers, topic, partitions);
  // The first question about a new topic takes long: longer than a small table is read.
  await assertCount(watch, 0);
  const slot = database.newSlotName();
  const process = await startEngine({ sourceUrl: database.url(socket), slot, topic, syncMode: 'FULL + INCREMENTAL', ...sink });
  try {
    // A small table is read between two looks; its rows tell then.
    const hasBegun = async () => (await database.isCopying()) ?? (await watch.count().catch(() => 0)) > 0;
    await process.waitFor(hasBegun, START_DEADLINE_MS, POLL_MS, 'a COPY');
    const transfer = await measureTransfer(process, watch, rows, now());
    await process.stop(0);
    await assertCount(watch, rows);
    return { ...transfer, rssBytes: process.tree.peakBytes };
  } catch (error) {
    throw process.explain(error);
  } finally {
    await process.kill();
    watch.close();
    await database.dropSlot(slot);
  }
}
