import type { OldImage, Operation } from './operation.ts';
import type { TableSchema } from './table-schema.ts';

/** All that a whole row needs beside its bytes to be sent again: what the source said of it. */
export interface LetterRow {
  readonly schema: TableSchema;
  readonly operation: Operation;
  readonly oldImage: OldImage;
  /** Bytes of the old image, which lies before the new one. */
  readonly oldLength: number;
  readonly isSnapshot: boolean;
  readonly xid: number;
  /** The row's index in its transaction. */
  readonly xoffset: number;
  /** Microseconds since 1970, as two's-complement words. */
  readonly commitMicros: readonly [high: number, low: number];
  readonly lsn: readonly [high: number, low: number];
}
