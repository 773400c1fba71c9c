import type { ClientBase } from 'pg';

/** Milliseconds since 1970 by the server's clock, as an expression of SQL. */
export const SERVER_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::float8';

export interface ClockReading {
  /** Milliseconds that the server's clock is ahead of ours. */
  readonly aheadMs: number;
  /** How far that may be wrong: half of the time that the answer took. */
  readonly uncertainMs: number;
}

/** Reads the server's clock. @param wallClock ours: milliseconds since 1970 */
export async function readClock(client: ClientBase, wallClock: () => number): Promise<ClockReading> {
  const askedAt = wallClock();
  const { rows } = await client.query<{ now: number }>(`SELECT ${SERVER_MS} AS now`);
  return clockReading(rows[0]!.now, askedAt, wallClock());
}

/** The server looked at its clock between question and answer. */
export function clockReading(serverMs: number, askedAt: number, answeredAt: number): ClockReading {
  return { aheadMs: serverMs - (askedAt + answeredAt) / 2, uncertainMs: (answeredAt - askedAt) / 2 };
}
