import { ColumnType } from '../../engine/source/mysql/binlog/column-types.ts';
import { EventType } from '../../engine/source/mysql/binlog/event-layout.ts';
import { LogWriter, rowsBody, type ColumnInput } from '../../test/support/binlog-events.ts';

const COLUMNS: readonly ColumnInput[] = [
  { name: 'id', type: ColumnType.longlong },
  { name: 'customer_id', type: ColumnType.long },
  { name: 'status', type: ColumnType.varchar, metadata: [64, 0] },
  { name: 'amount', type: ColumnType.newDecimal, metadata: [12, 2] },
  { name: 'note', type: ColumnType.blob, metadata: [2] },
  { name: 'created_at', type: ColumnType.timestamp2, metadata: [0] },
  { name: 'updated_at', type: ColumnType.timestamp2, metadata: [6] },
  { name: 'flag', type: ColumnType.tiny },
  { name: 'qty', type: ColumnType.long },
  { name: 'region', type: ColumnType.varchar, metadata: [32, 0] },
];
/** utf8mb4, all numbers signed, `id` is the primary key. */
const OPTIONAL = [[1, [0]] as const, [2, [45]] as const, [8, [0]] as const];
const STATUSES = ['new', 'paid', 'shipped', 'delivered', 'cancelled'];
const REGIONS = ['EMEA', 'APAC', 'AMER-N', 'AMER-S'];
const NOTE = 'leave at the side door when nobody is home';
/** `binlog_row_event_max_size` of both servers. */
const EVENT_BYTES = 8192;

/**
 * The events of one statement that inserts `rows` rows into `orders`, the table of the throughput benches, as MariaDB logs them. May be
 * read again and again.
 */
export function ordersLog(rows: number): Buffer {
  const log = new LogWriter().format().gtid(1).tableMap({ table: 'orders', columns: COLUMNS, optional: OPTIONAL });
  let images: Buffer[] = [];
  let bytes = 0;
  for (let n = 1; n <= rows; n++) {
    const image = orderImage(n);
    images.push(image);
    bytes += image.length;
    if (bytes < EVENT_BYTES && n < rows) continue;
    log.rows(EventType.writeRowsV1, rowsBody(images, [[0xff, 0xff]], COLUMNS.length));
    images = [];
    bytes = 0;
  }
  return log.xid(1).bytes;
}

function orderImage(n: number): Buffer {
  const numbers = Buffer.alloc(12);
  numbers.writeBigInt64LE(BigInt(n), 0);
  numbers.writeInt32LE((n * 7919) % 50_000, 8);
  const quantity = Buffer.alloc(5);
  quantity[0] = n % 2;
  quantity.writeInt32LE(n % 90, 1);
  const note = Buffer.from(`Order ${n}, ref ${'0123456789abcdef'.repeat(4)}, ${NOTE}`);
  return Buffer.concat([
    Buffer.from([0, 0xfc]),
    numbers,
    short(STATUSES[n % STATUSES.length]!),
    // decimal(12,2): two groups of digits in front of the point.
    Buffer.from([0x80, 0, 0, n & 0xff, 0, 50]),
    Buffer.from([note.length & 0xff, note.length >> 8]),
    note,
    Buffer.alloc(4 + 7, 0x65),
    quantity,
    short(REGIONS[n % REGIONS.length]!),
  ]);
}

function short(text: string): Buffer {
  return Buffer.from([text.length, ...Buffer.from(text)]);
}
