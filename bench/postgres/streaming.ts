import { now } from '../measure/clock.ts';
import type { BenchDatabase } from '../support/database.ts';
import type { ObservedProcess } from '../support/observed-process.ts';
import type { StreamStart } from '../support/transfer.ts';

const POLL_MS = 2;

/**
 * Waits until the START_REPLICATION of `reader` has taken hold of `slot`. Asked of the server, every 2 ms, so that the clock starts
 * without the reader's help; nothing is polled once it runs.
 */
export async function whenStreaming(
  reader: ObservedProcess,
  database: BenchDatabase,
  slot: string,
  deadlineMs: number,
): Promise<StreamStart> {
  const sender = await reader.waitFor(() => database.walsender(slot), deadlineMs, POLL_MS, `a reader of slot ${slot}`);
  return { start: now(), sender };
}
