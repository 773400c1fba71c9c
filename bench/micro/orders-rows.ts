import { ColumnKind } from '../../engine/change/column-kind.ts';
import { ColumnState } from '../../engine/change/operation.ts';
import type { TableSchema } from '../../engine/change/table-schema.ts';

const COLUMNS = [
  ['id', ColumnKind.int, 'bigint', -1],
  ['customer_id', ColumnKind.int, 'integer', -1],
  ['status', ColumnKind.text, 'character varying(16)', 16],
  ['amount', ColumnKind.decimal, 'numeric(12,2)', -1],
  ['note', ColumnKind.text, 'text', -1],
  ['created_at', ColumnKind.datetime, 'timestamp without time zone', -1],
  ['updated_at', ColumnKind.datetime, 'timestamp(6) without time zone', -1],
  ['flag', ColumnKind.bool, 'boolean', -1],
  ['qty', ColumnKind.int, 'integer', -1],
  ['region', ColumnKind.text, 'character varying(8)', 8],
] as const;

/** The `orders` table of the throughput benches, as the source describes it. */
export const ORDERS_SCHEMA: TableSchema = {
  id: 0,
  tableId: 0,
  database: 'bench',
  schema: 'public',
  table: 'orders',
  version: 1,
  columns: COLUMNS.map(([name, kind, sourceType, length], index) => ({
    name,
    kind,
    sourceType,
    nullable: index > 0,
    keyPosition: index === 0 ? 0 : -1,
    length,
    element: null,
  })),
  keyColumns: [0],
  primaryKey: [0],
  form: null,
  logName: null,
  valueForm: 'output',
  replicaIdentity: 'default',
};

/** Rows of `orders` as row images (`engine/change/operation.ts`), back to back; image `i` is `bytes[starts[i], starts[i + 1])`. */
export interface RowImages {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly count: number;
}

/** The images of the rows 1 to `count`, values made as the load makes them. */
export function orderImages(count: number): RowImages {
  return imagesOf(count, (n) => image(orderValues(n)));
}

/** The images that `imageOf` makes of the rows 1 to `count`. */
export function imagesOf(count: number, imageOf: (n: number) => Uint8Array): RowImages {
  const images = Array.from({ length: count }, (_, index) => imageOf(index + 1));
  const starts = new Uint32Array(count + 1);
  images.forEach((bytes, index) => (starts[index + 1] = starts[index]! + bytes.length));
  return { bytes: Uint8Array.from(Buffer.concat(images)), starts, count };
}

/** The values of row `n` as text. */
export function orderValues(n: number): string[] {
  const hash = (value: number) => (value * 2_654_435_761).toString(16).padStart(32, '0').slice(-32);
  return [
    String(n),
    String((n * 7919) % 50_000),
    ['new', 'paid', 'shipped', 'delivered', 'cancelled'][n % 5]!,
    (((n * 37) % 1_000_000) / 100).toFixed(2),
    `Order ${n}, ref ${hash(n)}${hash(3 * n)}, leave at the side door when nobody is home`,
    '2025-11-21 15:00:00',
    `2025-11-21 15:00:00.${String(n % 1_000_000).padStart(6, '0')}`,
    n % 2 === 0 ? 't' : 'f',
    String(n % 90),
    ['EMEA', 'APAC', 'AMER-N', 'AMER-S'][n % 4]!,
  ];
}

function image(values: readonly string[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeUInt16BE(values.length);
  const columns = values.map((value) => {
    const text = Buffer.from(value);
    const head = Buffer.alloc(5);
    head[0] = ColumnState.value;
    head.writeUInt32BE(text.length, 1);
    return Buffer.concat([head, text]);
  });
  return Buffer.concat([count, ...columns]);
}
