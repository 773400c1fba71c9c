import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { TopicReader } from './reader.ts';
import type { Tally } from './tally.ts';

/** Ids of the burst's orders begin here. */
export const BURST_FIRST_ID = 2_000_000;
const ROWS_PER_COMMIT = 1000;
/** How far the writer may be ahead of the reader on a broker that forgets. */
const AHEAD_ROWS_MAX = 10_000;
const PROGRESS_MS = 200;
/** Without a single new message for so long the burst has failed. */
const STALL_MS = 10_000;
const LOOK_MS = 5;

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
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly megabytesPerSecond: number;
}

/** Half inserts, then an update of each of the same orders, as fast as the database takes them, under a live line. */
export async function runBurst(database: pg.Client, reader: TopicReader, tally: Tally, options: BurstOptions): Promise<BurstResult> {
  const ordersBefore = tally.orders;
  const bytesBefore = reader.bytes;
  const begin = performance.now();
  const half = options.rows / 2;
  let written = 0;
  const seen = () => tally.orders - ordersBefore;
  const line = () => {
    const seconds = (performance.now() - begin) / 1000;
    const rate = Math.round(seen() / seconds).toLocaleString('en');
    const megabytes = ((reader.bytes - bytesBefore) / 1e6 / seconds).toFixed(1);
    options.progress(
      `  written ${written.toLocaleString('en')}  in Kafka ${seen().toLocaleString('en')}  ${rate} rows/s  ${megabytes} MB/s  behind ${(written - seen()).toLocaleString('en')} rows`,
    );
  };
  const timer = setInterval(line, PROGRESS_MS);
  try {
    for (const statement of [INSERT, UPDATE]) {
      for (let first = 0; first < half; first += ROWS_PER_COMMIT) {
        options.checkEngine();
        const last = Math.min(first + ROWS_PER_COMMIT, half) - 1;
        await database.query({ ...statement, values: [BURST_FIRST_ID + first, BURST_FIRST_ID + last] });
        written += last - first + 1;
        if (options.paced) await arrival(seen, written - AHEAD_ROWS_MAX, options.checkEngine);
      }
    }
    await arrival(seen, options.rows, options.checkEngine);
    line();
  } finally {
    clearInterval(timer);
  }
  const seconds = (performance.now() - begin) / 1000;
  return { rows: seen(), seconds, rowsPerSecond: seen() / seconds, megabytesPerSecond: (reader.bytes - bytesBefore) / 1e6 / seconds };
}

const INSERT = {
  name: 'burst-insert',
  text: "INSERT INTO shop.orders SELECT n, n % 1000, 'tea-1', 1, 'new', 'Order ' || n || ', leave at the side door' FROM generate_series($1::bigint, $2::bigint) n",
};
const UPDATE = { name: 'burst-update', text: "UPDATE shop.orders SET status = 'paid', version = version + 1 WHERE id BETWEEN $1 AND $2" };

/** Waits until so many messages were seen; fails when none comes for a while, or the engine is gone. */
async function arrival(seen: () => number, wanted: number, checkEngine: () => void): Promise<void> {
  let last = seen();
  let lastMs = performance.now();
  while (seen() < wanted) {
    checkEngine();
    if (seen() > last) {
      last = seen();
      lastMs = performance.now();
    } else if (performance.now() - lastMs > STALL_MS) {
      throw new Error(`no message came for ${STALL_MS / 1000} s; ${last} of ${wanted} are here`);
    }
    await delay(LOOK_MS);
  }
}
