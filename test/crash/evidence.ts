import { consumeEach } from '../support/consume.ts';
import type { KafkaServer } from '../support/kafka.ts';
import { storedBatches } from '../support/log-segment.ts';
import type { RowChange, SeenMessage, SnapshotRow } from './history.ts';
import type { Ledger, Named } from './ledger.ts';
import { CATCH_UP_MS, PARTITIONS, TOPIC } from './stage.ts';

/** What the topic holds: per partition in offset order. */
export interface ReadBack {
  readonly rows: readonly SnapshotRow[];
  readonly seen: readonly SeenMessage[];
}

interface Message extends Named {
  readonly table: string;
  readonly type: RowChange['type'];
  readonly data: { readonly id: number; readonly version: number | null };
  readonly old?: { readonly id?: number };
}

export async function readBack(broker: KafkaServer, ledger: Pick<Ledger, 'numberOf'>): Promise<ReadBack> {
  const rows: SnapshotRow[] = [];
  const seen: SeenMessage[] = [];
  const producers = Array.from({ length: PARTITIONS }, (_, partition) => producersOf(broker, partition));
  await consumeEach(
    { bootstrapServers: broker.bootstrapServers, topic: TOPIC, deadlineMs: CATCH_UP_MS },
    ({ partition, offset, value }) => {
      const { table, type, data, old, ...named } = JSON.parse(value!.toString()) as Message;
      const xid = ledger.numberOf(named);
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
