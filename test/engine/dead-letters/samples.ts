import type { LetterRow } from '../../../engine/change/letter-row.ts';
import { OldImage, Operation } from '../../../engine/change/operation.ts';
import type { Bounds, TopicReader, TopicRecord } from '../../../engine/dead-letters/topic-reader.ts';
import { tableSchema } from '../../support/rows.ts';

export const SCHEMA = tableSchema(
  [
    { name: 'id', kind: 'text' },
    { name: 'v', kind: 'text' },
  ],
  ['id'],
);

export interface LetterSample {
  readonly offset?: number;
  readonly key?: string | null;
  readonly value?: Buffer;
  /** In place of the sample's; null leaves one out. */
  readonly headers?: Readonly<Record<string, string | Buffer | null>>;
  readonly row?: Partial<LetterRow>;
}

/** What a dead letter says of a row, as far as it is sent again. */
export function letterRow(more: Partial<LetterRow> = {}): LetterRow {
  return {
    schema: SCHEMA,
    operation: Operation.insert,
    oldImage: OldImage.none,
    oldLength: 0,
    isSnapshot: false,
    xid: 9,
    xidHigh: 0,
    hasXid: true,
    xoffset: 2,
    commitMicros: [0, 1],
    lsn: [0, 1],
    ...more,
  };
}

/** A record of the topic `letters`. */
export function letterRecord({
  offset = 0,
  key = '{"id":"1"}',
  value = Buffer.from('{}'),
  headers = {},
  row = {},
}: LetterSample): TopicRecord {
  const all: Record<string, string | Buffer | null> = {
    'millrace.changefeed': 'shop',
    'millrace.reason': 'MESSAGE_TOO_LARGE',
    'millrace.message': 'too large',
    'millrace.position': '0/1',
    'millrace.database': 'test',
    'millrace.table': 'public.tx',
    'millrace.operation': 'insert',
    'millrace.key': key,
    'millrace.topic': 'orders',
    'millrace.partition': '3',
    'millrace.offset': '40',
    'millrace.time': '2026-11-30T00:00:00.000Z',
    'millrace.bytes': '100',
    'millrace.content': 'row',
    'millrace.row': JSON.stringify(letterRow(row)),
    'millrace.data': 'row',
    ...headers,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string | Buffer] => entry[1] !== null);
  return record('letters', 0, offset, key, Object.fromEntries(given), value);
}

/** A message of any topic. */
export function record(
  topic: string,
  partition: number,
  offset: number,
  key: string | null,
  headers: Readonly<Record<string, string | Buffer>> = {},
  value: Buffer | null = null,
): TopicRecord {
  const named = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text as string)] as const);
  return { topic, partition, offset, key: key === null ? null : Buffer.from(key), value, headers: new Map(named) };
}

/** Topics that lie in memory, read as those of brokers are. */
export function readerOf(records: readonly TopicRecord[], more: { readonly low?: number; readonly atTime?: number } = {}): TopicReader {
  const of = (topic: string, partition: number) => records.filter((one) => one.topic === topic && one.partition === partition);
  const reader: Pick<TopicReader, 'topics' | 'bounds' | 'offsetAt' | 'read' | 'close'> = {
    topics: async () => new Map(records.map(({ topic }) => [topic, 1 + Math.max(...records.map(({ partition }) => partition))])),
    bounds: async (topic, partition): Promise<Bounds> => ({
      low: more.low ?? 0,
      high: 1 + Math.max(-1, ...of(topic, partition).map(({ offset }) => offset)),
    }),
    offsetAt: async () => more.atTime ?? 0,
    read: async (topic, partition, from, take) =>
      of(topic, partition)
        .filter(({ offset }) => offset >= from)
        .forEach(take),
    close: async () => undefined,
  };
  return reader as TopicReader;
}
