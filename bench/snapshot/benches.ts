import type { Bench } from '../bench.ts';
import { startMockBroker } from '../support/broker.ts';
import { benchBeside } from './beside.ts';
import { benchSnapshot } from './snapshot.ts';

const PAIRS = 5;

/** `snapshot.*`: the rows of one table into the mock broker and into the real Kafka; a table that joins while another one streams. */
export const SNAPSHOT_BENCHES: readonly Bench[] = [
  {
    id: 'snapshot.postgres',
    run: async (session) => await benchSnapshot('snapshot.postgres', await session.loadedTable(), startMockBroker, session.runs(PAIRS)),
  },
  {
    id: 'snapshot.kafka',
    run: async (session) => await benchSnapshot('snapshot.kafka', await session.loadedTable(), () => session.kafka(), session.runs(PAIRS)),
  },
  {
    id: 'snapshot.beside',
    run: async (session) => await benchBeside('snapshot.beside', await session.loadedTable(), session.runs(PAIRS)),
  },
];
