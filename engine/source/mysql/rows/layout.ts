/**
 * The form (`change/row-form.ts`) of rows as binlogs have them:
 *
 * | part | bytes | of |
 * |---|---|---|
 * | present columns | (columns + 7) / 8, bit 0 of byte 0 first | partial layouts alone: in others all columns are present |
 * | null columns | (present + 7) / 8 | the present columns in turn |
 * | values | as the type and its metadata say | present columns that are not null |
 *
 * That is one row of a rows event, behind the event's own bitmap of present columns where the layout is partial. A table has a schema for
 * each of the two layouts: rows of the usual one are copied as they lie in the event.
 */
export const BINLOG_FORM = 'binlog';

export interface LogLayout {
  readonly isPartial: boolean;
  readonly columns: readonly LogColumn[];
  /** Zone in which TIMESTAMP is written: `UTC`, or as the options give it. */
  readonly zone: string;
}

/** What a decoder needs to know of a column, beside its `ColumnSchema`. */
export interface LogColumn {
  /** Type code of the log; for ENUM (247), SET (248) and long CHAR/BINARY (254) the real one, which STRING's metadata hides. */
  readonly type: number;
  /** The type's metadata as a number: length, digits of a fraction, precision << 8 | scale ... as `docs/types-mysql.md` lists them. */
  readonly metadata: number;
  readonly isUnsigned: boolean;
  /** Character set by the server's name (`utf8mb4`, `latin1`, `binary` ...); null for types without one. */
  readonly charset: string | null;
  /** Labels of ENUM and SET in UTF-8; null for other types. */
  readonly labels: readonly string[] | null;
  /** What the log's type cannot tell, and the catalogue does; null when nothing. */
  readonly meaning: 'json' | 'inet4' | 'inet6' | 'uuid' | 'vector' | null;
}
