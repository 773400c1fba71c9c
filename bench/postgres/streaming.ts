import { now } from '../measure/clock.ts';
import type { BenchDatabase } from '../support/database.ts';
import type { Engine } from '../support/engine.ts';

const POLL_MS = 2;

/** The moment a slot got its reader, and the process that sends to it. */
export interface StreamStart {
  readonly start: bigint;
  readonly walsender: number;
}

/**
 * Waits until the engine's START_REPLICATION has taken hold of `slot`. Asked of the server, every 2 ms, so that the clock starts
 * without the engine's help; nothing is polled once it runs.
 */
export async function whenStreaming(engine: Engine, database: BenchDatabase, slot: string, deadlineMs: number): Promise<StreamStart> {
  const walsender = await engine.waitFor(() => database.walsender(slot), deadlineMs, POLL_MS, `the engine to read slot ${slot}`);
  return { start: now(), walsender };
}
