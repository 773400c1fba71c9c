import type { Bench } from './bench.ts';
import { CHANGEFEED_BENCHES } from './changefeeds/benches.ts';
import { LATENCY_BENCHES } from './latency/benches.ts';
import { MARIADB_BENCHES } from './mariadb/benches.ts';
import { MEMORY_BENCHES } from './memory/benches.ts';
import { MICRO_BENCHES } from './micro/benches.ts';
import { OVERLOAD_BENCHES } from './overload/benches.ts';
import { PEER_BENCHES } from './peers/benches.ts';
import { PIPELINE_BENCHES } from './pipeline/benches.ts';
import { POSTGRES_BENCHES } from './postgres/benches.ts';
import { SCRAPE_BENCHES } from './scrape/benches.ts';
import { SERVICE_BENCHES } from './service/benches.ts';
import { SNAPSHOT_BENCHES } from './snapshot/benches.ts';
import { TUNING_BENCHES } from './tuning/benches.ts';

/** Every bench, in the order in which they run: what needs no server first, what disturbs the servers most last. */
export const BENCHES: readonly Bench[] = [
  ...MICRO_BENCHES,
  ...PIPELINE_BENCHES,
  ...POSTGRES_BENCHES,
  ...MARIADB_BENCHES,
  ...CHANGEFEED_BENCHES,
  ...SNAPSHOT_BENCHES,
  ...LATENCY_BENCHES,
  ...SERVICE_BENCHES,
  ...MEMORY_BENCHES,
  ...SCRAPE_BENCHES,
  ...TUNING_BENCHES,
  ...OVERLOAD_BENCHES,
  ...PEER_BENCHES,
];
