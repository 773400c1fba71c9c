import { ColumnKind } from '../../engine/change/column-kind.ts';
import { ColumnState, OldImage, Operation } from '../../engine/change/operation.ts';
import type { ColumnSchema, TableSchema } from '../../engine/change/table-schema.ts';
import { alignRecord, NO_KEY, RECORD_KIND, RECORD_LENGTH, RecordKind, Row, ROW_HEADER_BYTES, RowFlag } from '../../engine/ring/layout.ts';

/** A column's value in a row image: its text, null, `UNCHANGED` or `ABSENT`. */
export const UNCHANGED = Symbol('unchanged');
export const ABSENT = Symbol('absent');
export type ImageValue = string | Uint8Array | null | typeof UNCHANGED | typeof ABSENT;

/** A row image: pgoutput's TupleData (PostgreSQL manual 55.9), made by hand. */
export function rowImage(values: readonly ImageValue[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeUInt16BE(values.length);
  return Buffer.concat([count, ...values.map(columnBytes)]);
}

function columnBytes(value: ImageValue): Buffer {
  if (value === null) return Buffer.of(ColumnState.null);
  if (value === UNCHANGED) return Buffer.of(ColumnState.unchanged);
  if (value === ABSENT) return Buffer.of(ColumnState.absent);
  const text = Buffer.from(value as Uint8Array);
  const head = Buffer.alloc(5);
  head[0] = ColumnState.value;
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat([head, text]);
}

/** A column of a test's table; what is not given is as for a plain nullable column. */
export interface TestColumn extends Omit<Partial<ColumnSchema>, 'kind'> {
  readonly name: string;
  readonly kind: keyof typeof ColumnKind;
}

/** A table's schema. `key` names the columns of its primary key, in key order. */
export function tableSchema(columns: readonly TestColumn[], key: readonly string[], rest: Partial<TableSchema> = {}): TableSchema {
  const keyColumns = key.map((name) => columns.findIndex((column) => column.name === name));
  return {
    id: 1,
    tableId: 1,
    database: 'test',
    schema: 'public',
    table: 'tx',
    version: 1,
    columns: columns.map((column, i) => ({
      sourceType: column.kind,
      nullable: !keyColumns.includes(i),
      keyPosition: keyColumns.indexOf(i),
      length: -1,
      element: null,
      ...column,
      kind: ColumnKind[column.kind],
    })),
    keyColumns,
    primaryKey: keyColumns,
    form: null,
    logName: null,
    valueForm: 'output',
    replicaIdentity: 'default',
    ...rest,
  };
}

/** What a row record holds; images and flags as the dispatcher writes them. */
export interface TestRow {
  readonly operation: keyof typeof Operation;
  readonly oldImage?: keyof typeof OldImage;
  readonly old?: readonly ImageValue[] | Uint8Array;
  readonly new?: readonly ImageValue[] | Uint8Array;
  readonly key?: string;
  readonly commit?: boolean;
  /** Read from its table, not from the log. */
  readonly snapshot?: boolean;
  /** 32 bits with their sign, or all 64 of a bigint; null for a transaction without one. */
  readonly xid?: number | bigint | null;
  readonly xoffset?: number;
  /** Microseconds since 1970. */
  readonly commitMicros?: bigint;
  /** The row's own. */
  readonly lsn?: bigint;
  readonly schemaId?: number;
}

/** The row as a ring record (`engine/ring/layout.ts`) at byte `at` of shared memory that ends with the record. */
export function rowRecord(row: TestRow, at = 0): { bytes: Uint8Array; words: Int32Array; record: number } {
  const toImage = (image: TestRow['old']) =>
    image === undefined ? Buffer.alloc(0) : image instanceof Uint8Array ? Buffer.from(image) : rowImage(image);
  const oldBytes = toImage(row.old);
  const newBytes = toImage(row.new);
  const key = Buffer.from(row.key ?? '');
  const length = alignRecord(ROW_HEADER_BYTES + key.length + oldBytes.length + newBytes.length);
  const memory = new SharedArrayBuffer(at + length);
  const bytes = new Uint8Array(memory);
  const words = new Int32Array(memory);
  const micros = row.commitMicros ?? 0n;
  const set = (field: number, value: number) => (words[(at + field) >> 2] = value);
  set(RECORD_LENGTH, length);
  set(RECORD_KIND, RecordKind.row);
  bytes[at + Row.operation] = Operation[row.operation];
  bytes[at + Row.oldImage] = OldImage[row.oldImage ?? 'none'];
  const flags = [
    row.commit === true ? RowFlag.commit : 0,
    row.snapshot === true ? RowFlag.snapshot : 0,
    row.xid === null ? RowFlag.noXid : 0,
  ];
  bytes[at + Row.flags] = flags.reduce((all, flag) => all | flag);
  set(Row.schemaId, row.schemaId ?? 1);
  const xid = typeof row.xid === 'bigint' ? row.xid : BigInt((row.xid ?? 0) | 0);
  set(Row.xid, Number(BigInt.asIntN(32, xid)));
  set(Row.xidHigh, Number(BigInt.asIntN(32, xid >> 32n)));
  set(Row.xoffset, row.xoffset ?? 0);
  set(Row.keyLength, row.key === undefined ? NO_KEY : key.length);
  set(Row.oldLength, oldBytes.length);
  set(Row.newLength, newBytes.length);
  set(Row.commitMicrosLow, Number(BigInt.asIntN(32, micros)));
  set(Row.commitMicrosHigh, Number(BigInt.asIntN(32, micros >> 32n)));
  set(Row.lsnLow, Number(BigInt.asIntN(32, row.lsn ?? 0n)));
  set(Row.lsnHigh, Number(BigInt.asIntN(32, (row.lsn ?? 0n) >> 32n)));
  bytes.set(Buffer.concat([key, oldBytes, newBytes]), at + ROW_HEADER_BYTES);
  return { bytes, words, record: at };
}
