import { ColumnKind } from '../../engine/change/column-kind.ts';
import type { TableSchema } from '../../engine/change/table-schema.ts';
import { BINLOG_FORM, type LogColumn, type LogLayout } from '../../engine/source/mysql/rows/layout.ts';
import { bigEndian, littleEndian, logColumn, packedDecimal, packedImage, withLength } from '../../test/support/packed-rows.ts';
import { imagesOf, ORDERS_SCHEMA, orderValues, type RowImages } from './orders-rows.ts';

const CHARSET = { charset: 'utf8mb4' };
const COLUMNS: readonly (readonly [ColumnKind, LogColumn])[] = [
  [ColumnKind.int, logColumn('longlong')],
  [ColumnKind.int, logColumn('long')],
  [ColumnKind.text, logColumn('varchar', { metadata: 64, ...CHARSET })],
  [ColumnKind.decimal, logColumn('newDecimal', { metadata: (12 << 8) | 2 })],
  [ColumnKind.text, logColumn('blob', { metadata: 2, ...CHARSET })],
  [ColumnKind.timestamptz, logColumn('timestamp2')],
  [ColumnKind.timestamptz, logColumn('timestamp2', { metadata: 6 })],
  [ColumnKind.int, logColumn('tiny')],
  [ColumnKind.int, logColumn('long')],
  [ColumnKind.text, logColumn('varchar', { metadata: 32, ...CHARSET })],
];
const LAYOUT: LogLayout = { isPartial: false, columns: COLUMNS.map(([, column]) => column), zone: 'UTC' };
/** 2025-11-21 15:00:00 */
const SECOND = 1_763_737_200n;

/** The `orders` table as the source of a binlog describes it. */
export const PACKED_ORDERS_SCHEMA: TableSchema = {
  ...ORDERS_SCHEMA,
  schema: 'bench',
  columns: ORDERS_SCHEMA.columns.map((column, i) => ({ ...column, kind: COLUMNS[i]![0] })),
  form: { name: BINLOG_FORM, layout: LAYOUT },
  logName: 'bin',
  valueForm: 'declared',
};

/** The rows of `orderImages` as a binlog has them. */
export function packedOrderImages(count: number): RowImages {
  return imagesOf(count, (n) => {
    const [id, customer, status, amount, note, , , , quantity, region] = orderValues(n) as [string, ...string[]];
    return packedImage(
      [
        littleEndian(BigInt(id), 8),
        littleEndian(BigInt(customer!), 4),
        withLength(Buffer.from(status!), 1),
        packedDecimal(amount!.padStart(13, '0')),
        withLength(Buffer.from(note!), 2),
        bigEndian(SECOND, 4),
        Buffer.concat([bigEndian(SECOND, 4), bigEndian(BigInt(n % 1_000_000), 3)]),
        Buffer.of(n % 2 === 0 ? 1 : 0),
        littleEndian(BigInt(quantity!), 4),
        withLength(Buffer.from(region!), 1),
      ],
      false,
    );
  });
}
