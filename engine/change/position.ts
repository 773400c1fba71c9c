/**
 * A place in a source's log, opaque to epochs and stores: they keep it, compare nothing and hand it back to the source that made it.
 * JSON-safe. One part for each connection of the source; today exactly one.
 */
export type Position = PostgresPosition | BinlogPosition;

export interface PostgresPosition {
  readonly kind: 'postgres';
  /** `connection` is the slot. */
  readonly parts: readonly { readonly connection: string; readonly lsn: string }[];
}

/** Behind a transaction in the log of MariaDB or MySQL. */
export interface BinlogPosition {
  readonly kind: 'binlog';
  readonly parts: readonly BinlogPart[];
}

export interface BinlogPart {
  readonly connection: 'binlog';
  readonly flavor: 'mariadb' | 'mysql';
  /** All transactions up to there: MariaDB's position of all domains, MySQL's executed set; empty when it is not known. */
  readonly gtid: string;
  /** Empty, with offset 0, where the GTIDs alone say it. */
  readonly file: string;
  readonly offset: number;
}

/** A position as operators read it, one for each connection: the LSN, or GTIDs and place in the file. */
export function positionText(position: Position): string {
  if (position.kind === 'postgres') return position.parts.map(({ lsn }) => lsn).join(' ');
  const texts = position.parts.flatMap(({ gtid, file, offset }) => [gtid, file === '' ? '' : `${file}:${offset}`]);
  return texts.filter((text) => text !== '').join(' ');
}

/**
 * Where a row lies in the log, as operators read it: `16/B374D848`, or `mysql-bin.000123:4567` where the words are
 * file number << 40 | offset in files of that name (`TableSchema.logName`). The words may be signed or not.
 */
export function rowPositionText(logName: string | null, high: number, low: number): string {
  if (logName === null) return `${hex(high)}/${hex(low)}`;
  const file = String(high >>> FILE_SHIFT).padStart(FILE_DIGITS, '0');
  return `${logName}.${file}:${(high & 0xff) * 0x1_0000_0000 + (low >>> 0)}`;
}

/** Of the high word. */
const FILE_SHIFT = 8;
/** At least; a number that needs more has them. */
const FILE_DIGITS = 6;

function hex(word: number): string {
  return (word >>> 0).toString(16).toUpperCase();
}
