import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A record with headers as kcat's JSON has it: texts alone are right. */
export interface HeadedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

interface KcatRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly payload: string | null;
  readonly headers?: readonly string[];
}

/** Everything in a topic with its headers, partition by partition in order. */
export async function headedRecords(bootstrapServers: string, topic: string): Promise<HeadedRecord[]> {
  const { stdout } = await promisify(execFile)('kcat', ['-C', '-q', '-J', '-e', '-o', 'beginning', '-b', bootstrapServers, '-t', topic], {
    maxBuffer: 100_000_000,
    timeout: 60_000,
  });
  const records = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as KcatRecord]));
  return records
    .map(({ partition, offset, key, payload, headers = [] }) => ({
      partition,
      offset,
      key,
      value: payload,
      headers: Object.fromEntries(headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]!]] : []))),
    }))
    .toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}
