import { Fields } from './fields.ts';

/** Keys of the optional metadata of a table map. */
const Key = {
  signedness: 1,
  defaultCharset: 2,
  columnCharset: 3,
  columnName: 4,
  setLabels: 5,
  enumLabels: 6,
  geometryType: 7,
  simplePrimaryKey: 8,
  primaryKeyWithPrefix: 9,
  enumAndSetDefaultCharset: 10,
  enumAndSetColumnCharset: 11,
} as const;

/** Which columns the parts of the metadata speak of, by index. */
export interface MetadataColumns {
  readonly columns: number;
  readonly numeric: readonly number[];
  readonly character: readonly number[];
  readonly enums: readonly number[];
  readonly sets: readonly number[];
  readonly labelled: readonly number[];
}

/** What a table map says beyond types. Parts that the server left out are empty, `names` null. */
export interface OptionalMetadata {
  /** Null without `binlog_row_metadata=FULL`. */
  readonly names: readonly string[] | null;
  readonly unsigned: ReadonlySet<number>;
  /** Collation ids by column. */
  readonly collations: ReadonlyMap<number, number>;
  /** Labels of ENUM and SET columns by column, in the column's character set. */
  readonly labels: ReadonlyMap<number, readonly Uint8Array[]>;
  /** Columns of the primary key, in key order. */
  readonly primaryKey: readonly number[];
}

/**
 * Reads the parts of the optional metadata, in whatever order they come, to the event's end. Parts that nothing here needs (geometry types,
 * visibility, dimensions of vectors) and unknown ones are passed over.
 * @throws MillraceError `BINLOG_EVENT_INVALID`
 */
export function readMetadata(event: Fields, columns: MetadataColumns): OptionalMetadata {
  let names: string[] | null = null;
  let primaryKey: number[] = [];
  const unsigned = new Set<number>();
  const collations = new Map<number, number>();
  const labels = new Map<number, readonly Uint8Array[]>();
  while (event.left > 0) {
    const key = event.u8();
    const length = event.lenenc();
    const start = event.skip(length);
    const part = new Fields(event.bytes, start, start + length, 'a TABLE_MAP event');
    switch (key) {
      case Key.signedness:
        readSignedness(part, columns.numeric, unsigned);
        break;
      case Key.defaultCharset:
        readDefaultCharset(part, columns.character, collations);
        break;
      case Key.columnCharset:
        readColumnCharset(part, columns.character, collations);
        break;
      case Key.enumAndSetDefaultCharset:
        readDefaultCharset(part, columns.labelled, collations);
        break;
      case Key.enumAndSetColumnCharset:
        readColumnCharset(part, columns.labelled, collations);
        break;
      case Key.columnName:
        names = Array.from({ length: columns.columns }, () => part.text(part.lenenc()));
        break;
      case Key.setLabels:
        readLabels(part, columns.sets, labels);
        break;
      case Key.enumLabels:
        readLabels(part, columns.enums, labels);
        break;
      case Key.simplePrimaryKey:
        primaryKey = readKey(part, columns.columns, false);
        break;
      case Key.primaryKeyWithPrefix:
        primaryKey = readKey(part, columns.columns, true);
        break;
      default:
        part.skip(part.left);
    }
    if (part.left > 0 && key !== Key.signedness) part.fail(`its metadata ${key} is too long`);
  }
  return { names, unsigned, collations, labels, primaryKey };
}

/** One bit for each numeric column, the highest of a byte first. */
function readSignedness(part: Fields, numeric: readonly number[], unsigned: Set<number>): void {
  const bits = part.slice((numeric.length + 7) >> 3);
  for (const [index, column] of numeric.entries()) {
    if ((bits[index >> 3]! & (0x80 >> (index & 7))) !== 0) unsigned.add(column);
  }
}

/** The collation of most columns, and the exceptions: pairs of an index among `columns` and a collation. */
function readDefaultCharset(part: Fields, columns: readonly number[], collations: Map<number, number>): void {
  const usual = part.lenenc();
  for (const column of columns) collations.set(column, usual);
  while (part.left > 0) {
    const column = columns[part.lenenc()];
    if (column === undefined) part.fail('a collation of no column');
    collations.set(column, part.lenenc());
  }
}

function readColumnCharset(part: Fields, columns: readonly number[], collations: Map<number, number>): void {
  for (const column of columns) collations.set(column, part.lenenc());
}

function readLabels(part: Fields, columns: readonly number[], labels: Map<number, readonly Uint8Array[]>): void {
  for (const column of columns) {
    const count = part.lenenc();
    // Each label has a length: more of them than bytes are none.
    if (count > part.left) part.fail('more labels than there is room for');
    labels.set(
      column,
      Array.from({ length: count }, () => part.slice(part.lenenc()).slice()),
    );
  }
}

/** Column indexes, each with the length of its prefix where the key has any. A column of which a prefix is in the key counts as a whole. */
function readKey(part: Fields, columns: number, hasPrefixes: boolean): number[] {
  const key: number[] = [];
  while (part.left > 0) {
    const column = part.lenenc();
    if (column >= columns || key.includes(column)) part.fail('a primary key of other columns');
    if (hasPrefixes) part.lenenc();
    key.push(column);
  }
  return key;
}
