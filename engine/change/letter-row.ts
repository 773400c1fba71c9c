import type { OldImage, Operation } from './operation.ts';
import type { TableSchema } from './table-schema.ts';

/** What letters of earlier versions lack. */
type Added = 'xidHigh' | 'hasXid';

/** A row as a letter tells it, one of an earlier version too: those were of PostgreSQL. */
export function parseLetterRow(text: string): LetterRow {
  const told = JSON.parse(text) as Omit<LetterRow, Added> & Partial<Pick<LetterRow, Added>>;
  const { xidHigh = told.xid >> 31, hasXid = true, schema } = told;
  return { ...told, xidHigh, hasXid, schema: { ...schema, form: schema.form ?? null, logName: schema.logName ?? null } };
}

/** All that a whole row needs beside its bytes to be sent again: what the source said of it. */
export interface LetterRow {
  readonly schema: TableSchema;
  readonly operation: Operation;
  readonly oldImage: OldImage;
  /** Bytes of the old image, which lies before the new one. */
  readonly oldLength: number;
  readonly isSnapshot: boolean;
  /** Low word, unsigned; the high one has the sign. */
  readonly xid: number;
  readonly xidHigh: number;
  readonly hasXid: boolean;
  /** The row's index in its transaction. */
  readonly xoffset: number;
  /** Microseconds since 1970, as two's-complement words. */
  readonly commitMicros: readonly [high: number, low: number];
  readonly lsn: readonly [high: number, low: number];
}
