import { secondsBetween } from '../measure/clock.ts';
import { cpuSecondsOf } from '../measure/process-tree.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { median, significant } from '../measure/statistics.ts';
import { PerfRecording } from '../profile/profiling.ts';
import { summarize, type BenchResult, type Run } from '../report/result.ts';
import type { Broker } from '../support/broker.ts';
import type { BenchDatabase, Socket } from '../support/database.ts';
import { Engine } from '../support/engine.ts';
import { TopicWatch } from '../support/topic-watch.ts';
import { REFERENCE_NAME, runReference, type ReferenceRun } from './reference.ts';
import { whenStreaming } from './streaming.ts';

const PARTITIONS = 4;
const START_DEADLINE_MS = 30_000;
const SAMPLED_VALUES = 1_000;

/** The log that every run reads: `rows` inserts, from a slot that is never read to `endLsn`. */
export interface LoadedLog {
  readonly database: BenchDatabase;
  readonly baseSlot: string;
  readonly endLsn: string;
  readonly rows: number;
}

interface EngineRun extends Run {
  readonly meanValueBytes: number;
  readonly walsenderUsPerRow: number;
}

/** Messages per second from one slot into a broker, beside what `pg_recvlogical` reads from the same log over the same kind of socket. */
export async function benchThroughput(id: string, log: LoadedLog, socket: Socket, startBroker: () => Promise<Broker>, pairs: number): Promise<BenchResult> {
  const engineRuns: EngineRun[] = [];
  const referenceRuns: ReferenceRun[] = [];
  const busyCores: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const broker = await startBroker();
    try {
      busyCores.push(await waitForQuiet());
      engineRuns.push(await runEngine(log, socket, broker));
    } finally {
      await broker.release();
    }
    busyCores.push(await waitForQuiet());
    referenceRuns.push(await runOnReference(log, socket));
  }
  const reference = { name: REFERENCE_NAME, runs: referenceRuns.map((run) => log.rows / run.seconds) };
  return summarize(id, 'rows/s', engineRuns, reference, {
    rows: log.rows,
    value_bytes_mean: significant(median(engineRuns.map((run) => run.meanValueBytes))),
    cpu_us_per_row_runs: engineRuns.map((run) => significant(run.cpuUsPerRow ?? Number.NaN, 3)),
    walsender_cpu_us_per_row: significant(median(engineRuns.map((run) => run.walsenderUsPerRow)), 3),
    reference_cpu_us_per_row: significant(median(referenceRuns.map((run) => (run.cpuSeconds / log.rows) * 1e6)), 3),
    others_busy_cores_max: Math.max(...busyCores),
  });
}

/** One run of a fresh engine: clocks from the moment the slot has a reader to the moment the broker holds the last message. */
async function runEngine(log: LoadedLog, socket: Socket, broker: Broker): Promise<EngineRun> {
  const { database, rows } = log;
  const topic = await broker.createTopic(PARTITIONS);
  const watch = new TopicWatch(broker.bootstrapServers, topic, PARTITIONS);
  const slot = await database.copySlot(log.baseSlot);
  const engine = await Engine.start({ sourceUrl: database.url(socket), slot, bootstrapServers: broker.bootstrapServers, topic });
  try {
    const { start, walsender } = await whenStreaming(engine, database, slot, START_DEADLINE_MS);
    const perf = PerfRecording.start(engine.tree.pids());
    const cpuAtStart = engine.tree.cpuSeconds();
    const senderAtStart = cpuSecondsOf(walsender);
    const end = await watch.waitForCount(rows, deadlineFor(rows), () => engine.assertRunning());
    const cpuSeconds = engine.tree.cpuSeconds() - cpuAtStart;
    const senderSeconds = cpuSecondsOf(walsender) - senderAtStart;
    await perf?.stop();
    await engine.stop();
    await assertCount(watch, rows);
    return {
      value: rows / secondsBetween(start, end),
      cpuUsPerRow: (cpuSeconds / rows) * 1e6,
      rssBytes: engine.tree.peakBytes,
      meanValueBytes: await watch.meanValueBytes(SAMPLED_VALUES),
      walsenderUsPerRow: (senderSeconds / rows) * 1e6,
    };
  } finally {
    await engine.kill();
    watch.close();
    await database.dropSlot(slot);
  }
}

async function runOnReference(log: LoadedLog, socket: Socket): Promise<ReferenceRun> {
  const { database } = log;
  const { server } = database;
  const slot = await database.copySlot(log.baseSlot);
  try {
    return await runReference({
      binary: server.program(REFERENCE_NAME),
      host: socket === 'tcp' ? server.host : server.socketDir,
      port: server.port,
      database: database.name,
      slot,
      endLsn: log.endLsn,
    });
  } finally {
    await database.dropSlot(slot);
  }
}

/** A figure counts only when each row became exactly one message. */
async function assertCount(watch: TopicWatch, rows: number): Promise<void> {
  const count = await watch.count();
  if (count !== rows) throw new Error(`the broker holds ${count} messages of ${rows} rows: the run does not count`);
}

/** Far beyond what any run should take: a net for a run that hangs. */
function deadlineFor(rows: number): number {
  return 30_000 + rows / 10;
}
