import type { ColumnKind } from './column-kind.ts';
import type { RowForm } from './row-form.ts';
import type { ValueForm } from './value-form.ts';

/** One column as encoders see it. */
export interface ColumnSchema {
  readonly name: string;
  readonly kind: ColumnKind;
  /** The type in the source's own words, `numeric(12,2)`. */
  readonly sourceType: string;
  readonly nullable: boolean;
  /** Position in the primary key from 0, -1 when it is no part of it. */
  readonly keyPosition: number;
  /** Declared length in characters or bits; -1 when there is none. */
  readonly length: number;
  /** For `array`: the kind of the elements and the character between them (PostgreSQL: `,`, for `box` `;`). */
  readonly element: { readonly kind: ColumnKind; readonly length: number; readonly delimiter: string } | null;
}

/** The columns and keys of one version of a table. Immutable: a new version is a new object with a new id. */
export interface TableSchema {
  /** Small integer, unique in the process for each version of each table; what ring records carry. */
  readonly id: number;
  /** Small integer of the table itself, the same for all its versions; what opaques and metrics carry (16 bits). */
  readonly tableId: number;
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  /** 1 for the first version seen, +1 for each change of any table. */
  readonly version: number;
  readonly columns: readonly ColumnSchema[];
  /** Indexes of the message key's columns, in key order: the primary key, else the replica identity index; empty when there is neither. */
  readonly keyColumns: readonly number[];
  /** Indexes of the primary key's columns, in key order; empty when there is none. */
  readonly primaryKey: readonly number[];
  /** How its rows' images are laid out; null where they are canonical (`operation.ts`). */
  readonly form: RowForm | null;
  /** Name of the log's files up to the dot before their number, where the places of rows are offsets in files; null where they are LSNs. */
  readonly logName: string | null;
  /** What the canonical text of its values is like. */
  readonly valueForm: ValueForm;
  /** What the source sends of an old row. */
  readonly replicaIdentity: 'default' | 'full' | 'index' | 'nothing';
  /** Of the rows of a bootstrap alone: such a version has an id of its own and all else of the table's. */
  readonly bootstrap?: Bootstrap;
}

/** A table that somebody ordered to be read, whose messages say that of themselves. */
export interface Bootstrap {
  /** What who ordered it wants them to say, too. */
  readonly comment: string | null;
}
