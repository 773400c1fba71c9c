import type { Bench } from '../bench.ts';
import { runPairs } from '../measure/pairs.ts';
import { median, significant } from '../measure/statistics.ts';
import { summarize, type BenchResult } from '../report/result.ts';
import type { BenchKafka } from '../support/broker.ts';
import type { SubjectRun } from '../support/transfer.ts';
import { runOnLog, type LoadedLog } from '../postgres/run.ts';
import { benchThroughput, runProduct } from '../postgres/throughput.ts';
import { findPeerProgram, type PeerProgram } from './programs.ts';
import { readRecordedPeers, type RecordedPeer, type RecordedPeers } from './recorded.ts';

const PARTITIONS = 4;
const PAIRS = 3;

/** `peers.*`: another system beside the product, into the same Kafka by TCP; where it cannot be run here, its recorded figures. Opt-in. */
export const PEER_BENCHES: readonly Bench[] = peerBenches(readRecordedPeers());

function peerBenches(recorded: RecordedPeers): Bench[] {
  return recorded.peers
    .filter((peer) => peer.source === 'postgres')
    .map((peer) => {
      const id = `peers.${peer.system}.${peer.source}`;
      return {
        id,
        optIn: true,
        run: async (session) => {
          const kafka = await session.kafka();
          const log = await session.loadedLog();
          const program = findPeerProgram(peer.system);
          const count = session.runs(PAIRS);
          return program === null
            ? await besideRecorded(id, peer, recorded.machine, log, kafka, count)
            : await sideBySide(id, peer, program, log, kafka, count);
        },
      };
    });
}

/** Product and peer in pairs, with the same clocks. */
async function sideBySide(
  id: string,
  peer: RecordedPeer,
  program: PeerProgram,
  log: LoadedLog,
  kafka: BenchKafka,
  count: number,
): Promise<BenchResult> {
  const start = () => Promise.resolve(kafka);
  let peerRuns = 0;
  const { product, reference: other } = await runPairs(
    count,
    () => runProduct(log, 'tcp', start),
    () => runPeer(log, program, kafka, `peer-${++peerRuns}`),
  );
  const middle = (value: (run: SubjectRun) => number) => significant(median(other.map(value)), 3);
  return summarize(
    id,
    'rows/s',
    product,
    { name: peer.system, runs: other.map((run) => run.value) },
    {
      rows: log.rows,
      peer_cpu_us_per_row: middle((run) => run.cpuUsPerRow ?? Number.NaN),
      peer_rss_mb: middle((run) => run.rssBytes / 1e6),
      peer_value_bytes_mean: middle((run) => run.meanValueBytes),
    },
  );
}

/** One run of the peer, told to use `prefix` as its topic. */
async function runPeer(log: LoadedLog, program: PeerProgram, kafka: BenchKafka, prefix: string): Promise<SubjectRun> {
  const { database } = log;
  const { bootstrapServers } = kafka;
  const topic = await kafka.createTopic(PARTITIONS, program.topicOf(prefix));
  const start = (slot: string) => program.start({ database, slot, bootstrapServers, topic: prefix });
  try {
    return await runOnLog(log, { start, bootstrapServers, topic, partitions: PARTITIONS, exitCode: program.exitCode });
  } finally {
    await kafka.release();
  }
}

/** The product beside `pg_recvlogical` here, the peer's figure from elsewhere: the ratio is that of their shares of `pg_recvlogical`. */
async function besideRecorded(
  id: string,
  peer: RecordedPeer,
  machine: string,
  log: LoadedLog,
  kafka: BenchKafka,
  count: number,
): Promise<BenchResult> {
  const result = await benchThroughput(id, log, 'tcp', () => Promise.resolve(kafka), count);
  return {
    ...result,
    detail: {
      ...result.detail,
      recorded: `${peer.name}; ${machine}`,
      recorded_share_of_floor: peer.floor_ratio,
      recorded_cpu_us_per_row: peer.cpu_us_per_row,
      recorded_rss_mb: peer.rss_mb,
    },
    reference: { name: peer.system, median: peer.rows_per_second, recorded: true },
    ratio: significant((result.ratio ?? Number.NaN) / peer.floor_ratio, 3),
  };
}
