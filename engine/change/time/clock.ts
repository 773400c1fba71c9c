import { assert } from '../../base/assert.ts';
import type { ByteView } from '../../base/byte-view.ts';
import { Civil } from './civil.ts';
import { DEFAULT_PATTERN, parsePattern, Pattern, writePadded } from './pattern.ts';
import { readTimestamp } from './timestamp-text.ts';
import { Zone, type ZoneTable } from './zone.ts';

/** How timestamps are written; plain data. */
export interface TimeOptions {
  /** The zone whose clock is written. */
  readonly zone: ZoneTable;
  /** The zone whose clock `timestamp` columns hold; null: they are written as they are. */
  readonly sourceZone: ZoneTable | null;
  readonly pattern: string;
  /** Whether `timestamptz` values keep an offset, the zone's at that time. */
  readonly keepOffset: boolean;
}

const QUOTE = 0x22;
const COLON = 0x3a;
/** Quotes, `+05:53:28`, ` BC`, and what may be written beyond the end. */
const FRAME_BYTES = 18;

/** Writes timestamps by the clock of a zone, bytes to bytes. */
export class Clock {
  /** Most bytes that `write` writes. */
  readonly lengthMax: number;
  /** Whether values are instants, whose text ends in the offset `+00`. */
  readonly isInstant: boolean;
  /** The zone whose clock the values show; null for UTC. */
  private readonly from: Zone | null;
  /** The zone whose clock is written; null: the one that is read. */
  private readonly to: Zone | null;
  private readonly keepOffset: boolean;
  private readonly pattern: Pattern;
  private readonly civil = new Civil();

  constructor(isInstant: boolean, from: Zone | null, to: Zone | null, keepOffset: boolean, pattern: Pattern) {
    this.isInstant = isInstant;
    this.from = from;
    this.to = to;
    this.keepOffset = keepOffset;
    this.pattern = pattern;
    this.lengthMax = pattern.lengthMax + FRAME_BYTES;
  }

  /**
   * Writes `input[start, end)`, the text of a timestamp, as a JSON string. What lies before our era ends in ` BC` in every pattern.
   * @returns the end, or -1 when it is no such text
   */
  write(input: ByteView, start: number, end: number, output: ByteView, position: number): number {
    const { civil, from, to } = this;
    if (!readTimestamp(input.bytes, start, end, this.isInstant, civil)) return -1;
    let offset = 0;
    if (to !== null) {
      let seconds = civil.seconds();
      if (from !== null) seconds -= from.offsetAtLocal(seconds);
      offset = to.offsetAt(seconds);
      civil.setSeconds(seconds + offset);
    }
    const bytes = output.bytes;
    bytes[position] = QUOTE;
    let p = this.pattern.write(civil, output, position + 1);
    if (this.keepOffset) p = writeOffset(offset, bytes, p);
    if (civil.year <= 0) {
      output.view.setInt32(p, 0x00434220, true);
      p += 3;
    }
    bytes[p] = QUOTE;
    return p + 1;
  }
}

/** The clocks of `timestamptz` and of `timestamp` values; null where those go out as they come, with six digits of a second. */
export function clocksOf(options: TimeOptions): { readonly instants: Clock | null; readonly locals: Clock | null } {
  const { zone, sourceZone, keepOffset } = options;
  const parts = parsePattern(options.pattern);
  assert(typeof parts !== 'string', 'the configuration has checked the pattern');
  const isPlain = options.pattern === DEFAULT_PATTERN;
  const pattern = new Pattern(parts);
  const to = new Zone(zone);
  const isUtc = zone.starts.length === 0 && zone.offsets[0] === 0;
  return {
    instants: isPlain && isUtc && !keepOffset ? null : new Clock(true, null, to, keepOffset, pattern),
    locals: isPlain && sourceZone === null ? null : localClock(sourceZone, to, pattern),
  };
}

function localClock(sourceZone: ZoneTable | null, to: Zone, pattern: Pattern): Clock {
  return sourceZone === null ? new Clock(false, null, null, false, pattern) : new Clock(false, new Zone(sourceZone), to, false, pattern);
}

/** As PostgreSQL prints it: `+08`, `+05:30`, `-04:56:02`. */
function writeOffset(offset: number, to: Uint8Array, position: number): number {
  const size = Math.abs(offset);
  to[position] = offset < 0 ? 0x2d : 0x2b;
  let p = writePadded(Math.floor(size / 3_600), 2, to, position + 1);
  if (size % 3_600 === 0) return p;
  to[p] = COLON;
  p = writePadded(Math.floor(size / 60) % 60, 2, to, p + 1);
  if (size % 60 === 0) return p;
  to[p] = COLON;
  return writePadded(size % 60, 2, to, p + 1);
}
