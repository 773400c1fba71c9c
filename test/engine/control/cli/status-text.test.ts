import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statusText } from '../../../../engine/control/cli/status-text.ts';
import type { ChangefeedView, PartitionView, ReadView } from '../../../../engine/control/http/views.ts';

const SHOP: ChangefeedView = {
  id: 'shop',
  state: 'normal',
  phase: 'streaming',
  ready: true,
  reason: null,
  activity: null,
  sync_mode: 'INCREMENTAL',
  source: 'db:5432/shop',
  source_version: '15.8',
  tables: ['public.*'],
  topic: 'orders',
  kafka_cluster: 'abc',
  position: '0/AC',
  checkpoint: { position: '0/AB', age_seconds: 1.5 },
  lag_seconds: 0.25,
  lag_bytes: 4096,
  lag_transactions: null,
  log: null,
  oldest_unacknowledged: null,
  throughput: { messages_per_sec: 12_345.6, bytes_per_sec: 5_100_000 },
  in_flight: 100,
  records_exported: 1_234_567,
  last_export_time: null,
  slot: { name: 'millrace_shop', held_bytes: 16_800_000, spare_bytes: null },
  snapshot: null,
  reads: [],
  restarts: 2,
  last_error: null,
  errors: [],
};

const partition = (number: number, lag: number): PartitionView => ({
  topic: 'orders',
  partition: number,
  current_offset: 5000 + number,
  lag,
  throughput_per_sec: 10,
});

const READ: ReadView = {
  id: 'a1',
  table: 'shop.orders',
  where: null,
  comment: null,
  state: 'reading',
  percent: 25,
  rows: 12_345,
  expected_rows: 50_000,
  chunks_done: 1,
  chunks: 4,
  error: null,
};

describe('the status on a terminal', () => {
  it('names tables that are read beside the stream, until they are', () => {
    const reads: ReadView[] = [
      { ...READ, id: 'b2', state: 'waiting', where: 'id > 7', percent: 0, rows: 0 },
      READ,
      { ...READ, id: 'c3', state: 'done', percent: 100 },
    ];
    const text = statusText({ changefeeds: [{ ...SHOP, reads }], partitions: [] });
    assert.match(text, /^shop: read b2 of shop.orders where id > 7: waiting, 0.0 %, 0 rows$/m);
    assert.match(text, /^shop: read a1 of shop.orders: reading, 25.0 %, 12,345 rows$/m);
    assert.doesNotMatch(text, /c3/);
  });

  it('is a line for each changefeed and each partition', () => {
    const text = statusText({ changefeeds: [SHOP], partitions: [partition(0, 7), partition(1, 1200)] });
    assert.equal(
      text,
      `CHANGEFEED  STATE   PHASE      ROWS/S  MB/S  LAG    SLOT HOLDS  CHECKPOINT  EXPORTED   RESTARTS
shop        normal  streaming  12,346  5.1   0.3 s  16.8 MB     0/AB        1,234,567  2

TOPIC   PARTITION  OFFSET  LAG    ROWS/S
orders  0          5000    7      10
orders  1          5001    1,200  10
`,
    );
  });

  it('has of MariaDB and MySQL where the log is read, and how much of it the server keeps', () => {
    const log = { file: 'mysql-bin.000123', offset: 4567, gtid: '0-1-500', kept_bytes: 1_073_700_000, expire_seconds: 604_800 };
    const checkpoint = { position: '0-1-490 mysql-bin.000123:4000', age_seconds: 0 };
    const crm: ChangefeedView = { ...SHOP, id: 'crm', slot: null, lag_transactions: 1200, lag_bytes: 2_500_000, checkpoint, log };
    assert.equal(
      statusText({ changefeeds: [crm], partitions: [] }),
      `CHANGEFEED  STATE   PHASE      ROWS/S  MB/S  LAG    TRANSACTIONS BEHIND  CHECKPOINT             EXPORTED   RESTARTS
crm         normal  streaming  12,346  5.1   0.3 s  1,200                mysql-bin.000123:4000  1,234,567  2

crm: reads mysql-bin.000123:4567, GTID 0-1-500; 2.5 MB behind the end; the server keeps 1073.7 MB of log, each file for 7 days
`,
    );
    const byFile = { ...crm, lag_transactions: null, log: { ...log, gtid: null, expire_seconds: 0 } };
    const beside = statusText({ changefeeds: [SHOP, byFile], partitions: [] });
    assert.match(beside, /^CHANGEFEED .* LAG +SLOT HOLDS +CHECKPOINT /);
    assert.match(beside, /^crm: reads mysql-bin\.000123:4567; 2\.5 MB behind the end; the server keeps 1073\.7 MB of log$/m);
  });

  it('says what is not known, what is wrong, and what to do', () => {
    const last_error = {
      at: '2026-01-01T00:00:00.000Z',
      code: 'KAFKA_UNREACHABLE',
      message: 'no \u001B[31mbroker\u0007',
      advice: 'Bring it back.',
    } as const;
    const unknown = { lag_seconds: null, records_exported: null, checkpoint: { position: null, age_seconds: null } } as const;
    const failed = { ...SHOP, ...unknown, state: 'warning', ready: false, reason: 'the capture process waits', last_error } as const;
    const lines = statusText({ changefeeds: [failed], partitions: [] }).split('\n');
    assert.match(lines[1]!, /^shop +warning +streaming +12,346 +5\.1 +- +16\.8 MB +- +- +2$/);
    assert.deepEqual(lines.slice(3), [
      'shop: not ready: the capture process waits',
      'shop: last error, 2026-01-01T00:00:00.000Z: KAFKA_UNREACHABLE: no  [31mbroker ',
      '  Bring it back.',
      '',
    ]);
  });

  it('shows how far a snapshot is', () => {
    const snapshot = { percent: 12.5, rows: 1000, rows_per_sec: 100, seconds_left: 70, held_bytes: null, tables: [] };
    const text = statusText({ changefeeds: [{ ...SHOP, snapshot }], partitions: [] });
    assert.match(text, /^shop: snapshot 12\.5 %, 1,000 rows, 100 rows\/s, 1 min 10 s left$/m);
  });

  it('shows of many partitions those that are furthest behind', () => {
    const partitions = Array.from({ length: 50 }, (_, number) => partition(number, number));
    const lines = statusText({ changefeeds: [SHOP], partitions }).split('\n');
    assert.match(lines[4]!, /^orders +49 +5049 +49 /);
    assert.match(lines[23]!, /^orders +30 /);
    assert.equal(lines[24], 'and 30 partitions that are less far behind (--json shows all)');
  });
});
