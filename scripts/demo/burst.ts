import { setTimeout as delay } from 'node:timers/promises';
import type { DemoDatabase } from './database.ts';
import type { TopicReader } from './reader.ts';
import type { Tally } from './tally.ts';

/** Ids of the burst's orders begin here. */
export const BURST_FIRST_ID = 2_000_000;
/** The writer shares the processor with all that it writes to: a statement of many rows leaves it alone. */
const ROWS_PER_COMMIT = 20_000;
/** On a broker that forgets. */
const PACED_ROWS_PER_COMMIT = 1000;
/** How far the writer may then be ahead of the reader. */
const AHEAD_ROWS_MAX = 10_000;
const PROGRESS_MS = 200;
/** Without a single new message for so long the burst has failed. */
const STALL_MS = 10_000;
/** Each look asks the broker, which has other things to do. */
const LOOK_MS = 50;

export interface BurstOptions {
  readonly rows: number;
  /** Wait for the reader: the broker does not keep everything. */
  readonly paced: boolean;
  /** Throws when the engine has ended. */
  readonly checkEngine: () => void;
  readonly progress: (line: string) => void;
}

export interface BurstResult {
  readonly rows: number;
  /** From the first statement until Kafka had the last message. */
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly megabytesPerSecond: number;
}

/**
 * Half inserts, then an update of each of the same orders, as fast as the database takes them, under a live line. Where the broker keeps
 * everything, it is asked how much it has, and the reader reads it all afterwards; else the writer goes as fast as the reader.
 */
export async function runBurst(database: DemoDatabase, reader: TopicReader, tally: Tally, options: BurstOptions): Promise<BurstResult> {
  const { rows, paced, checkEngine } = options;
  const before = { orders: tally.orders, bytes: reader.bytes, messages: await reader.inTopic() };
  const read = () => tally.orders - before.orders;
  const inKafka = async () => (paced ? read() : (await reader.inTopic()) - before.messages);
  const begin = performance.now();
  let written = 0;
  let seconds = 0;
  let latest = 0;
  const look = async () => (latest = await inKafka());
  const line = () => options.progress(progressLine(written, latest, read(), (performance.now() - begin) / 1000));
  const timer = setInterval(line, PROGRESS_MS);
  try {
    if (!paced) reader.pause();
    for (const { kind, first, last } of statementsFor(rows / 2, paced ? PACED_ROWS_PER_COMMIT : ROWS_PER_COMMIT)) {
      checkEngine();
      const { text, values } = database.shop.burst(kind, BURST_FIRST_ID + first, BURST_FIRST_ID + last);
      await database.query(text, values);
      written += last - first + 1;
      if (paced) await arrival(look, written - AHEAD_ROWS_MAX, checkEngine);
    }
    await arrival(look, rows, checkEngine);
    seconds = (performance.now() - begin) / 1000;
    reader.resume();
    await arrival(async () => read(), rows, checkEngine);
    line();
  } finally {
    clearInterval(timer);
    reader.resume();
  }
  return { rows: read(), seconds, rowsPerSecond: read() / seconds, megabytesPerSecond: (reader.bytes - before.bytes) / 1e6 / seconds };
}

function progressLine(written: number, inKafka: number, read: number, seconds: number): string {
  const [rows, messages, seen, rate] = [written, inKafka, read, Math.round(inKafka / seconds)].map((count) => count.toLocaleString('en'));
  return `  written ${rows}  in Kafka ${messages} (${rate} rows/s)  read back ${seen}`;
}

/** Ranges of ids: all inserts, then all updates. */
function statementsFor(half: number, rowsPerCommit: number): { kind: 'insert' | 'update'; first: number; last: number }[] {
  const firsts = Array.from({ length: Math.ceil(half / rowsPerCommit) }, (_, i) => i * rowsPerCommit);
  return (['insert', 'update'] as const).flatMap((kind) =>
    firsts.map((first) => ({ kind, first, last: Math.min(first + rowsPerCommit, half) - 1 })),
  );
}

/** Waits until so many messages are there; fails when none comes for a while, or the engine is gone. */
async function arrival(count: () => Promise<number>, wanted: number, checkEngine: () => void): Promise<void> {
  let last = -1;
  let lastMs = performance.now();
  for (;;) {
    const now = await count();
    if (now >= wanted) return;
    checkEngine();
    if (now > last) {
      last = now;
      lastMs = performance.now();
    } else if (performance.now() - lastMs > STALL_MS) {
      throw new Error(`no message came for ${STALL_MS / 1000} s; ${last} of ${wanted} are here`);
    }
    await delay(LOOK_MS);
  }
}
