/**
 * A place in a source's log, opaque to epochs and stores: they keep it, compare nothing and hand it back to the source that made it.
 * JSON-safe. PostgreSQL: `parts: [{ connection: slot, commitEnd: 'X/X' }]`.
 */
export interface Position {
  readonly kind: 'postgres';
  /** One for each connection of the source (a lane, later); today exactly one. */
  readonly parts: readonly { readonly connection: string; readonly lsn: string }[];
}

/** A position as operators read it: the LSN, one for each connection. */
export function positionText(position: Position): string {
  return position.parts.map(({ lsn }) => lsn).join(' ');
}

/**
 * Where a row lies in the log, as operators read it: `16/B374D848`, or `mysql-bin.000123:4567` where the words are file number << 40 | offset
 * in files of that name (`TableSchema.logName`). The words may be signed or not.
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
