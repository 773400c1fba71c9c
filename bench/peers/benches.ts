import type { Bench } from '../bench.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { median, significant } from '../measure/statistics.ts';
import { summarize, type BenchResult } from '../report/result.ts';
import { startEngine } from '../support/engine.ts';
import type { BenchKafka } from '../support/broker.ts';
import { REFERENCE_NAME } from '../postgres/reference.ts';
import { runSubject, type LoadedLog, type SubjectRun } from '../postgres/run.ts';
import { runPairs } from '../postgres/throughput.ts';
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
  const { database } = log;
  const { bootstrapServers } = kafka;
  const product: SubjectRun[] = [];
  const other: SubjectRun[] = [];
  for (let pair = 0; pair < count; pair++) {
    const topic = await kafka.createTopic(PARTITIONS);
    const start = (slot: string) => startEngine({ sourceUrl: database.url('tcp'), slot, bootstrapServers, topic });
    await waitForQuiet();
    product.push(await runSubject(log, { start, bootstrapServers, topic, partitions: PARTITIONS, exitCode: 0 }));
    const prefix = `peer-${pair}`;
    const peerTopic = await kafka.createTopic(PARTITIONS, program.topicOf(prefix));
    const startPeer = (slot: string) => program.start({ database, slot, bootstrapServers, topic: prefix });
    await waitForQuiet();
    other.push(
      await runSubject(log, { start: startPeer, bootstrapServers, topic: peerTopic, partitions: PARTITIONS, exitCode: program.exitCode }),
    );
    await kafka.release();
  }
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

/** The product beside `pg_recvlogical` here, the peer's figure from elsewhere: the ratio is that of their shares of `pg_recvlogical`. */
async function besideRecorded(
  id: string,
  peer: RecordedPeer,
  machine: string,
  log: LoadedLog,
  kafka: BenchKafka,
  count: number,
): Promise<BenchResult> {
  const pairs = await runPairs(log, 'tcp', () => Promise.resolve(kafka), count);
  const floor = { name: REFERENCE_NAME, runs: pairs.reference.map((run) => log.rows / run.seconds) };
  const result = summarize(id, 'rows/s', pairs.engine, floor, {
    rows: log.rows,
    recorded: `${peer.name}; ${machine}`,
    recorded_share_of_floor: peer.floor_ratio,
    recorded_cpu_us_per_row: peer.cpu_us_per_row,
    recorded_rss_mb: peer.rss_mb,
  });
  return {
    ...result,
    reference: { name: peer.system, median: peer.rows_per_second, recorded: true },
    ratio: significant((result.ratio ?? Number.NaN) / peer.floor_ratio, 3),
  };
}
