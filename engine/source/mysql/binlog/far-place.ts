import { EventType } from './event-layout.ts';
import type { LogPlace } from './log-place.ts';
import { malformed } from './unsupported.ts';

/** The last offset that a server can be asked for, and that an event tells: both have 32 bits for it. */
export const OFFSET_MAX = 0xff_ff_ff_ff;

/** Where transactions begin. */
const BEGINS: ReadonlySet<number> = new Set([EventType.mariadbGtid, EventType.gtid, EventType.anonymousGtid]);

/**
 * A place beyond the first 4 GB of a file, that a connection goes on from. By file and offset the log comes from the file's beginning, and
 * what lies before the place was read before. By GTIDs the server passes over that: the first transaction that it sends from the file lies
 * at the place or behind it, though its event tells the lower 32 bits alone.
 */
export class FarPlace {
  private readonly file: string;
  private readonly offset: number;
  private readonly isByFile: boolean;
  private isReached = false;

  constructor(file: string, offset: number, isByFile: boolean) {
    this.file = file;
    this.offset = offset;
    this.isByFile = isByFile;
  }

  /**
   * Looks at an event of the log behind which `place` has moved, and puts that right. True when the event was read before.
   * @throws MillraceError `BINLOG_EVENT_INVALID` when nothing begins at the place
   */
  passes(type: number, place: LogPlace): boolean {
    if (this.isReached) return false;
    if (place.file !== this.file) {
      // By GTIDs there may be nothing left of the file.
      this.isReached = true;
      return false;
    }
    if (this.isByFile) return this.isBefore(type, place);
    if (BEGINS.has(type)) {
      place.liftTo(this.offset);
      this.isReached = true;
    }
    return false;
  }

  private isBefore(type: number, place: LogPlace): boolean {
    const { offset } = this;
    if (place.end <= offset && type !== EventType.rotate) return true;
    if (place.start !== offset) throw malformed(`a log in which nothing begins at ${offset}, where it was left`, place);
    this.isReached = true;
    return false;
  }
}
