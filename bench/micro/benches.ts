import type { Bench } from '../bench.ts';
import { DISPATCH_BENCHES } from './dispatch.ts';
import { ENCODE_BENCHES } from './encode.ts';
import { FRAMING_BINLOG_BENCH } from './framing-binlog.ts';
import { FRAMING_POSTGRES_BENCH } from './framing-postgres.ts';
import { KEY_BENCH } from './key.ts';
import { PRODUCE_BENCH } from './produce.ts';
import { RING_BENCH } from './ring.ts';

/** `micro.*`: one stage each, microseconds per row. */
export const MICRO_BENCHES: readonly Bench[] = [
  FRAMING_POSTGRES_BENCH,
  FRAMING_BINLOG_BENCH,
  KEY_BENCH,
  ...DISPATCH_BENCHES,
  RING_BENCH,
  ...ENCODE_BENCHES,
  PRODUCE_BENCH,
];
