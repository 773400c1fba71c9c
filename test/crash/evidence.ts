import { consumeEach } from '../support/consume.ts';
import type { KafkaServer } from '../support/kafka.ts';
import { storedBatches } from '../support/log-segment.ts';
import type { PostgresServer } from '../support/postgres.ts';
import { keyOf, lsnBytes, type RowChange, type SeenMessage, type SnapshotRow } from './history.ts';
import { CATCH_UP_MS, PARTITIONS, TOPIC } from './stage.ts';
import { TABLES } from './writer.ts';

/** Before anything that a test server wrote; the first segment of a new cluster. */
const FIRST_LSN = '0/1000000';

/** Where each transaction's commit record ends in the log, by xid. */
export async function commitEnds(database: PostgresServer, from = 0n): Promise<Map<number, bigint>> {
  const begin = from === 0n ? FIRST_LSN : `${(from >> 32n).toString(16)}/${(from & 0xffff_ffffn).toString(16)}`;
  // The record that commits a prepared transaction belongs to none; its description begins with the one that it commits.
  const rows = await database.query<{ xid: string; end: string }>(
    `SELECT CASE record_type WHEN 'COMMIT_PREPARED' THEN split_part(description, ':', 1) ELSE xid::text END AS xid, end_lsn::text AS end
       FROM pg_get_wal_records_info($1, pg_current_wal_flush_lsn())
      WHERE resource_manager = 'Transaction' AND record_type LIKE 'COMMIT%'`,
    [begin],
  );
  return new Map(rows.map(({ xid, end }) => [Number(BigInt.asIntN(32, BigInt(xid))), lsnBytes(end)]));
}

/** The tables' rows: version by key. */
export async function tableRows(database: PostgresServer): Promise<Map<string, number>> {
  const selects = TABLES.map((table) => `SELECT '${table}' AS "table", id, version::float8 AS version FROM ${table}`);
  const rows = await database.query<{ table: string; id: number; version: number }>(selects.join(' UNION ALL '));
  return new Map(rows.map((row) => [keyOf(row), row.version]));
}

/** What the topic holds: per partition in offset order. */
export interface ReadBack {
  readonly rows: readonly SnapshotRow[];
  readonly seen: readonly SeenMessage[];
}

interface Message {
  readonly xid?: number;
  readonly table: string;
  readonly type: RowChange['type'];
  readonly data: { readonly id: number; readonly version: number | null };
  readonly old?: { readonly id?: number };
}

export async function readBack(broker: KafkaServer): Promise<ReadBack> {
  const rows: SnapshotRow[] = [];
  const seen: SeenMessage[] = [];
  const producers = Array.from({ length: PARTITIONS }, (_, partition) => producersOf(broker, partition));
  await consumeEach(
    { bootstrapServers: broker.bootstrapServers, topic: TOPIC, deadlineMs: CATCH_UP_MS },
    ({ partition, offset, value }) => {
      const { xid, table, type, data, old } = JSON.parse(value!.toString()) as Message;
      const version = type === 'delete' ? null : data.version;
      const oldId = old?.id === undefined || old.id === data.id ? null : old.id;
      const change: RowChange = { table, type, id: data.id, oldId, version };
      if (xid === undefined) rows.push({ partition, offset, change, producer: producers[partition]![offset]! });
      else seen.push({ partition, offset, xid, change });
    },
  );
  return { rows, seen };
}

/** Of each offset of a partition: batches of one producer hold nothing of another. */
function producersOf({ dataDir }: KafkaServer, partition: number): number[] {
  const producers: number[] = [];
  for (const { baseOffset, records, producerId } of storedBatches(dataDir, TOPIC, partition)) {
    for (let i = 0; i < records; i++) producers[baseOffset + i] = Number(producerId);
  }
  return producers;
}
