import type { Session } from './connection.ts';

/** Milliseconds since 1970 by the server's clock. */
export async function readServerMs(session: Session): Promise<number> {
  const [row] = await session.query('SELECT UNIX_TIMESTAMP(NOW(6)) AS now');
  return Number(row?.['now']) * 1000;
}
