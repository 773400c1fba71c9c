import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/paths.ts';

/** What was measured of another system, once, on the machine that the file names. Rows per second are medians. */
export interface RecordedPeer {
  readonly system: string;
  readonly source: string;
  readonly name: string;
  readonly rows_per_second: number;
  /** Rows per second as a share of what `pg_recvlogical` (or its like) reached on that machine: what can be compared across machines. */
  readonly floor_ratio: number;
  readonly cpu_us_per_row: number;
  readonly rss_mb: number;
  readonly value_bytes: number | null;
  /** Milliseconds at 1,000 single-row commits per second. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly note: string } | null;
}

export interface RecordedPeers {
  readonly machine: string;
  readonly clocks: string;
  readonly peers: readonly RecordedPeer[];
}

export function readRecordedPeers(): RecordedPeers {
  return JSON.parse(readFileSync(join(projectRoot, 'bench/peers/recorded.json'), 'utf8')) as RecordedPeers;
}
