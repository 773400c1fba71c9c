import type { BinlogPart } from '../../change/position.ts';
import { MariadbGtidPosition, type MariadbGtid } from './gtid.ts';
import { MysqlGtidSet } from './gtid-set.ts';
import type { Flavor } from './url.ts';

/** A place behind whole transactions. */
export type LogPosition = Omit<BinlogPart, 'connection'>;

/** Names a transaction in all servers of a replication. */
export type TrailGtid =
  | ({ readonly flavor: 'mariadb' } & MariadbGtid)
  | { readonly flavor: 'mysql'; readonly uuid: string; readonly number: bigint };

/** The two words of a place (`RowSink.commit`) as one number to compare by: 24 bits of file and 40 of offset. */
interface Mark {
  readonly place: bigint;
  readonly gtids: MariadbGtidPosition | MysqlGtidSet;
  readonly file: string;
  readonly offset: number;
}

/** Marks that are kept; beyond that every other one goes, so that a place between them is told as one before it. */
const MARKS_MAX = 4096;

/**
 * What was read and is not acknowledged yet, by the words that sinks have of it. The GTIDs of a place are made at the end of each read
 * instead of with each transaction: a position that falls between is told as the last one before it, from which a restart repeats a little.
 */
export class Trail {
  private readonly flavor: Flavor;
  /** Ascending. The first is what is acknowledged, or what comes nearest to it from below. */
  private marks: Mark[];
  /** Transactions since the last mark. */
  private gtids: MariadbGtidPosition | MysqlGtidSet;
  private last: TrailGtid | null = null;
  private runFrom = 0n;

  constructor(start: LogPosition) {
    this.flavor = start.flavor;
    this.gtids = parseGtidState(start);
    const { file, offset } = start;
    this.marks = [{ place: placeIn(file, offset), gtids: this.gtids, file, offset }];
  }

  /** Behind the last mark. */
  get end(): LogPosition {
    return this.positionAt(this.marks.at(-1)!);
  }

  /** A transaction was given to the sink, or passed over; null for one without a GTID. */
  committed(gtid: TrailGtid | null): void {
    if (gtid === null) return;
    const { last } = this;
    if (last !== null && !continues(last, gtid)) this.takeRun(last);
    if (gtid.flavor === 'mysql' && this.last === null) this.runFrom = gtid.number;
    this.last = gtid;
  }

  /**
   * Everything up to this place was read, the transactions noted before included. A place at or before the last one is passed over: a dump
   * by GTID begins at the beginning of a file, and skips what it has given before.
   */
  mark(file: string, offset: number): void {
    const place = placeIn(file, offset);
    if (place <= this.marks.at(-1)!.place) return;
    if (this.last !== null) this.takeRun(this.last);
    this.marks.push({ place, gtids: this.gtids, file, offset });
    // The first and the last stay.
    if (this.marks.length > MARKS_MAX) this.marks = this.marks.filter((_, index, { length }) => index % 2 === 0 || index === length - 1);
  }

  /** The position that two words stand for, or the nearest one before it. */
  positionOf(high: number, low: number): LogPosition {
    const place = placeOf(high, low);
    return this.positionAt(this.marks.findLast((mark) => mark.place <= place) ?? this.marks[0]!);
  }

  /** Nothing before this position is asked for any more. */
  acknowledge({ file, offset }: LogPosition): void {
    const index = this.marks.findLastIndex((mark) => mark.file === file && mark.offset === offset);
    if (index > 0) this.marks.splice(0, index);
  }

  private positionAt({ gtids, file, offset }: Mark): LogPosition {
    return { flavor: this.flavor, gtid: gtids.toString(), file, offset };
  }

  private takeRun(last: TrailGtid): void {
    this.last = null;
    if (last.flavor === 'mariadb' && this.gtids instanceof MariadbGtidPosition) this.gtids = this.gtids.with(last);
    if (last.flavor === 'mysql' && this.gtids instanceof MysqlGtidSet) this.gtids = this.gtids.with(last.uuid, this.runFrom, last.number);
  }
}

/** The GTIDs of a position as what can be counted with. @throws MillraceError `POSITION_INVALID` */
export function parseGtidState({ flavor, gtid }: Pick<LogPosition, 'flavor' | 'gtid'>): MariadbGtidPosition | MysqlGtidSet {
  return flavor === 'mariadb' ? MariadbGtidPosition.parse(gtid) : MysqlGtidSet.parse(gtid);
}

/** Number of a log's file: the digits at the end of its name. */
export function fileNumberOf(file: string): number {
  return Number(/(\d+)$/.exec(file)?.[1] ?? '0');
}

/** Whether two transactions in a row make one step: of one domain, or numbers of one server without a gap. */
function continues(last: TrailGtid, next: TrailGtid): boolean {
  if (last.flavor === 'mariadb') return next.flavor === 'mariadb' && next.domain === last.domain;
  return next.flavor === 'mysql' && next.uuid === last.uuid && next.number === last.number + 1n;
}

function placeIn(file: string, offset: number): bigint {
  return (BigInt(fileNumberOf(file)) << 40n) | BigInt(offset);
}

function placeOf(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
