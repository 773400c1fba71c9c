import type { SnapshotRecord } from '../../../engine/change/snapshot.ts';
import type { TableRead } from '../../../engine/change/table-read.ts';
import type { CheckpointContent, CheckpointRecord } from '../../../engine/checkpoint/record.ts';

/** By the digests of their contents. */
export const SCHEMAS = { AAECAwQFBgcICQoL: 2, EBESExQVFhcYGRob: 3 };
/** In the middle: one table of two partitions, and one of an earlier run. */
export const SNAPSHOT: SnapshotRecord = {
  mode: 'FULL + INCREMENTAL',
  startedAt: '2026-03-01T11:00:00.000Z',
  finishedAt: null,
  tables: [
    { oid: 16_400, name: 'public.stock', rows: '12', parts: [] },
    {
      oid: 16_412,
      name: 'public.orders',
      rows: '0',
      parts: [
        {
          oid: 16_413,
          name: 'public.orders_1',
          key: ['region', 'id'],
          cuts: [
            ['north', '17'],
            ['süd "x"', '-3'],
          ],
          done: '0,2',
          rows: '7',
        },
        { oid: 16_414, name: 'public.orders_2', key: [], cuts: [], done: '', rows: '0' },
      ],
    },
  ],
};

/** One that is in the middle, one that has failed. */
export const READS: readonly TableRead[] = [
  {
    id: 'join:public.fresh:2026-03-01T11:30:00.000Z',
    table: 'public.fresh',
    where: null,
    comment: null,
    mark: null,
    joins: true,
    state: 'reading',
    progress: SNAPSHOT,
    rows: '19',
    expectedRows: 25,
    chunksDone: 2,
    chunks: 4,
    moved: [{ key: ['süd "x"', '-3'], xid: 4_000_000_000 }],
    error: null,
  },
  {
    id: 'again',
    table: 'public.stock',
    where: "shelf = 'a'",
    comment: 'für die Prüfung',
    mark: null,
    joins: false,
    state: 'failed',
    progress: null,
    rows: '0',
    expectedRows: 0,
    chunksDone: 0,
    chunks: 0,
    moved: [],
    error: { code: 'READ_TABLE_GONE', message: 'public.stock was dropped' },
  },
];

/** Content with every field set; `lsn` and whatever else a test is about are given. */
export function sampleContent(lsn: string, fields: Partial<CheckpointContent> = {}): CheckpointContent {
  return {
    position: { kind: 'postgres', parts: [{ connection: 'millrace_shop', lsn }] },
    source: {
      kind: 'postgres',
      slot: 'millrace_shop',
      claim: 'created',
      systemIdentifier: '7364519911837482711',
      timeline: 1,
      snapshotLsn: '16/B374D000',
      database: 'shop',
      publication: 'millrace_shop',
      publicationOid: 16_412,
    },
    topics: { shop: 7 },
    rowsDelivered: '9007199254740993',
    schemaVersion: 3,
    tables: ['public.orders', 'Sales.größe "x"'],
    schemas: {},
    snapshot: null,
    reads: [],
    ...fields,
  };
}

/** The same of MariaDB. */
export function sampleBinlog(fields: Partial<CheckpointContent> = {}): CheckpointContent {
  return sampleContent('', {
    position: {
      kind: 'binlog',
      parts: [{ connection: 'binlog', flavor: 'mariadb', gtid: '0-1-5,7-1-2', file: 'mariadb-bin.000123', offset: 4_294_967_300 }],
    },
    source: { kind: 'binlog', flavor: 'mariadb', serverUuid: null, serverId: 1 },
    tables: ['shop.orders'],
    ...fields,
  });
}

export function sampleRecord(lsn: string, fields: Partial<CheckpointRecord> = {}): CheckpointRecord {
  return { changefeed: 'shop', generation: 4, sequence: 17, writtenAt: '2026-03-01T12:00:00.250Z', ...sampleContent(lsn), ...fields };
}
