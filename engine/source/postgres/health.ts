import type { MillraceError } from '../../base/errors.ts';
import { fromConnectionError } from './connection-error.ts';
import type { Session } from './connection.ts';
import { clockReading } from '../clock-reading.ts';
import { withDeadline } from '../deadline.ts';
import { SideLooks } from '../side-looks.ts';
import { parseLsn, type Lsn } from './lsn.ts';
import { SERVER_MS } from './server-clock.ts';

export interface HealthOptions {
  readonly side: Session;
  /** The server's process for the stream. */
  readonly walSenderPid: number;
  /** Looks at what the stream does not tell of. */
  readonly watch: () => Promise<void>;
  readonly watchMs: number;
  /** Ours: milliseconds since 1970. A step of it would show as lag until the server is asked again. */
  readonly clock: () => number;
  /** The side connection ended or does not answer, or `watch` found something: the stream cannot go on. */
  readonly onFailure: (error: MillraceError) => void;
}

/** How often the server's end is asked for: the lag that metrics show is this old at most. */
const LOOK_MS = 2_000;
/** A side connection that does not answer in this time is dead. */
const ANSWER_MS = 10_000;
/** `watch` reads much of the catalogue. */
const WATCH_ANSWER_MS = 60_000;

const LOOK = `
  SELECT pg_current_wal_lsn()::text AS lsn, ${SERVER_MS} AS now,
         pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::float8 AS held, s.safe_wal_size::float8 AS spare
    FROM (VALUES (1)) AS one LEFT JOIN pg_replication_slots s ON s.active_pid = $1`;

interface Reading {
  readonly lsn: string;
  readonly now: number;
  readonly held: number | null;
  readonly spare: number | null;
}

/**
 * The side connection's regular questions while the stream runs. It is the first to hear of a shutdown of the server, which waits for
 * a stream that keeps answering: so its end ends the stream.
 */
export class Health {
  /** End of the server's log when it was last asked; null before. */
  serverEnd: Lsn | null = null;
  /** Milliseconds that the server's clock was ahead of ours when it was last asked; null before. */
  clockAheadMs: number | null = null;

  /** Bytes of log that the server kept for our slot when it was last asked; null before. */
  heldBytes: number | null = null;
  /** Bytes of log that could then be written until the slot may be lost; null before, and without a limit. */
  spareBytes: number | null = null;

  private readonly options: HealthOptions;
  private readonly looks: SideLooks;
  private readonly watchTimer: NodeJS.Timeout;
  private isWatchDue = false;

  constructor(options: HealthOptions) {
    this.options = options;
    const { side, watchMs, onFailure } = options;
    const errorOf = (error: unknown) => fromConnectionError(error, 'the side connection cannot be used');
    const end = (error: MillraceError) => {
      this.close();
      onFailure(error);
    };
    this.looks = new SideLooks({ everyMs: LOOK_MS, ask: () => this.ask(), errorOf, onFailure: end });
    side.onLost((error) => this.looks.fail(error));
    this.watchTimer = setInterval(() => {
      this.isWatchDue = true;
      void this.looks.look();
    }, watchMs);
  }

  /** Whether the server's process for the stream still reads from a slot. */
  async isWalSenderAlive(): Promise<boolean> {
    const text = 'SELECT EXISTS (SELECT 1 FROM pg_replication_slots WHERE active_pid = $1) AS alive';
    const query = this.options.side.client.query<{ alive: boolean }>(text, [this.options.walSenderPid]);
    return (await withDeadline(query, ANSWER_MS, 'the side connection')).rows[0]!.alive;
  }

  close(): void {
    this.looks.close();
    clearInterval(this.watchTimer);
  }

  /** A `watch` that becomes due meanwhile follows at once. */
  private async ask(): Promise<void> {
    await withDeadline(this.readEnd(), ANSWER_MS, 'the side connection');
    if (!this.isWatchDue || this.looks.isOver) return;
    this.isWatchDue = false;
    await withDeadline(this.options.watch(), WATCH_ANSWER_MS, 'the side connection');
  }

  private async readEnd(): Promise<void> {
    const { side, walSenderPid, clock } = this.options;
    const askedAt = clock();
    const { rows } = await side.client.query<Reading>(LOOK, [walSenderPid]);
    const { lsn, now, held, spare } = rows[0]!;
    this.serverEnd = parseLsn(lsn);
    this.clockAheadMs = clockReading(now, askedAt, clock()).aheadMs;
    this.heldBytes = held;
    this.spareBytes = spare;
  }
}
