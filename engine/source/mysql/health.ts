import type { MillraceError } from '../../base/errors.ts';
import { clockReading } from '../clock-reading.ts';
import { withDeadline } from '../deadline.ts';
import { SideLooks } from '../side-looks.ts';
import { fromConnectionError } from './connection-error.ts';
import type { Session } from './connection.ts';
import { readExpireSeconds, readGtidsAtEnd, readLogEnd, readLogFiles, type LogFile, type ServerIdentity } from './identity.ts';
import { bytesBehind, bytesOf } from './log-files.ts';
import { readServerMs } from './server-clock.ts';
import { parseGtidState, type LogPosition } from './trail.ts';
import { transactionsBehind } from './transactions-behind.ts';

export interface HealthOptions {
  readonly side: Session;
  readonly server: ServerIdentity;
  /** Ours: milliseconds since 1970. A step of it would show as lag until the server is asked again. */
  readonly clock: () => number;
  /** The side connection ended or does not answer: the stream cannot go on. */
  readonly onFailure: (error: MillraceError) => void;
}

/** How often the log's end is asked for: the lag that metrics show is this old at most. */
const LOOK_MS = 2_000;
/** A side connection that does not answer in this time is dead. */
const ANSWER_MS = 10_000;

/** The side connection's regular questions while the stream runs. */
export class Health {
  /** Milliseconds that the server's clock was ahead of ours when it was last asked; null before. */
  clockAheadMs: number | null = null;
  /** Seconds after which the server removes files of its log; 0 for never, null before it was asked. */
  expireSeconds: number | null = null;
  /** The log's files when it was last asked, their sizes; empty before. */
  private files: readonly LogFile[] = [];

  /** GTIDs of the log's end when it was last asked; null before, and where there are none. */
  private gtids: string | null = null;

  private readonly options: HealthOptions;
  private readonly looks: SideLooks;

  constructor(options: HealthOptions) {
    this.options = options;
    const { side, onFailure } = options;
    const ask = () => withDeadline(this.readEnd(), ANSWER_MS, 'the side connection');
    const errorOf = (error: unknown) => fromConnectionError(error, 'the side connection cannot be used');
    this.looks = new SideLooks({ everyMs: LOOK_MS, ask, errorOf, onFailure });
    side.onLost((error) => this.looks.fail(error));
  }

  /** Bytes of log behind a place; null before the server was asked, and for a file that it does not have. */
  bytesBehind(file: string, offset: number): number | null {
    return bytesBehind(this.files, file, offset);
  }

  /** Bytes of log that the server has; null before it was asked. */
  get keptBytes(): number | null {
    return this.files.length === 0 ? null : bytesOf(this.files);
  }

  /** Transactions behind these GTIDs; null before the server was asked, and where transactions have none. */
  transactionsBehind({ flavor, gtid }: Pick<LogPosition, 'flavor' | 'gtid'>): number | null {
    if (this.gtids === null) return null;
    const gtidsOf = (text: string) => parseGtidState({ flavor, gtid: text });
    return transactionsBehind(gtidsOf(this.gtids), gtidsOf(gtid));
  }

  close(): void {
    this.looks.close();
  }

  private async readEnd(): Promise<void> {
    const { side, server, clock } = this.options;
    const askedAt = clock();
    this.clockAheadMs = clockReading(await readServerMs(side), askedAt, clock()).aheadMs;
    // What the list says of the newest file may be old.
    const end = await readLogEnd(side, server);
    const files = await readLogFiles(side);
    this.gtids = await readGtidsAtEnd(side, server);
    this.expireSeconds = await readExpireSeconds(side);
    this.files = files.map((file) => (file.name === end.file ? { ...file, bytes: Math.max(file.bytes, end.offset) } : file));
  }
}
