import type { ClientBase } from 'pg';
import { clockReading, type ClockReading } from '../clock-reading.ts';

/** Milliseconds since 1970 by the server's clock, as an expression of SQL. */
export const SERVER_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::float8';

/** Reads the server's clock. @param wallClock ours: milliseconds since 1970 */
export async function readClock(client: ClientBase, wallClock: () => number): Promise<ClockReading> {
  const askedAt = wallClock();
  const { rows } = await client.query<{ now: number }>(`SELECT ${SERVER_MS} AS now`);
  return clockReading(rows[0]!.now, askedAt, wallClock());
}
