import { MillraceError } from '../../../base/errors.ts';
import { fromConnectionError } from '../connection-error.ts';
import type { Session } from '../connection.ts';
import { withDeadline } from '../../deadline.ts';

export interface SlotBudgetOptions {
  /** Of the keeper: idle while tables are read. */
  readonly session: Session;
  readonly slot: string;
  /** Null for no limit. */
  readonly limitBytes: number | null;
  /** The slot is dropped when the limit is met; else it is kept. */
  readonly drops: boolean;
  readonly onFailure: (error: MillraceError) => void;
}

const LOOK_MS = 1000;
const ANSWER_MS = 10_000;

const HELD = `
  SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), restart_lsn)::float8 AS bytes, wal_status = 'lost' AS lost
    FROM pg_replication_slots WHERE slot_name = $1`;

/** How much log the slot makes the server keep while tables are read, since nothing is confirmed meanwhile; and the limit to that. */
export class SlotBudget {
  /** When it was last asked for; null before. */
  bytes: number | null = null;
  private readonly options: SlotBudgetOptions;
  private readonly timer: NodeJS.Timeout;
  private isLooking = false;

  constructor(options: SlotBudgetOptions) {
    this.options = options;
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      await withDeadline(this.check(), ANSWER_MS, 'the session that holds the snapshot');
    } catch (error) {
      this.close();
      this.options.onFailure(fromConnectionError(error, 'cannot ask for the slot'));
    } finally {
      this.isLooking = false;
    }
  }

  private async check(): Promise<void> {
    const { session, slot, limitBytes, drops } = this.options;
    const [held] = (await session.client.query<{ bytes: number | null; lost: boolean }>(HELD, [slot])).rows;
    if (held === undefined) throw new MillraceError('SLOT_MISSING', `The slot ${slot} was dropped while tables were read.`, { slot });
    if (held.lost) {
      const message = `The server gave up the slot ${slot} while tables were read: the log that it held back grew beyond max_slot_wal_keep_size. Raise it.`;
      throw new MillraceError('SLOT_LOST', message, { slot });
    }
    this.bytes = held.bytes;
    if (limitBytes === null || (held.bytes ?? 0) <= limitBytes) return;
    if (drops) await session.client.query('SELECT pg_drop_replication_slot($1)', [slot]);
    const message =
      `While tables are read the slot ${slot} holds back ${held.bytes} bytes of log; MILLRACE_SNAPSHOT_WAL_LIMIT allows ${limitBytes}. ` +
      (drops
        ? 'The slot was dropped: begin anew with `millrace position reset`.'
        : 'The slot is kept and goes on holding it back: start again with a higher limit, or drop it with `millrace slot drop`.');
    throw new MillraceError('SNAPSHOT_WAL_LIMIT', message, { slot, bytes: held.bytes, limit: limitBytes, dropped: drops });
  }
}
