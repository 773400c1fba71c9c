import { secondsBetween } from '../measure/clock.ts';
import { cpuSecondsOf } from '../measure/process-tree.ts';
import { PerfRecording } from '../profile/profiling.ts';
import type { Run } from '../report/result.ts';
import type { BenchDatabase, Socket } from '../support/database.ts';
import type { ObservedProcess } from '../support/observed-process.ts';
import { TopicWatch } from '../support/topic-watch.ts';
import { REFERENCE_NAME, runReference, type ReferenceRun } from './reference.ts';
import { whenStreaming } from './streaming.ts';

const START_DEADLINE_MS = 30_000;
const SAMPLED_VALUES = 1_000;

/** The log that every run reads: `rows` inserts, from a slot that is never read to `endLsn`. */
export interface LoadedLog {
  readonly database: BenchDatabase;
  readonly baseSlot: string;
  readonly endLsn: string;
  readonly rows: number;
}

/** A program that is to carry the log into a topic. */
export interface Subject {
  /** Starts it on `slot`. */
  readonly start: (slot: string) => Promise<ObservedProcess>;
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly partitions: number;
  /** What it exits with when it is asked to stop. */
  readonly exitCode: number;
}

export interface SubjectRun extends Run {
  readonly meanValueBytes: number;
  readonly walsenderUsPerRow: number;
}

/** One run of a fresh process: clocks from the moment the slot has a reader to the moment the broker holds the last message. */
export async function runSubject(log: LoadedLog, subject: Subject): Promise<SubjectRun> {
  const { database, rows } = log;
  const watch = new TopicWatch(subject.bootstrapServers, subject.topic, subject.partitions);
  const slot = await database.copySlot(log.baseSlot);
  const process = await subject.start(slot);
  try {
    const { start, walsender } = await whenStreaming(process, database, slot, START_DEADLINE_MS);
    const perf = PerfRecording.start(process.tree.pids());
    const senderAtStart = cpuSecondsOf(walsender);
    const transfer = await measureTransfer(process, watch, rows, start);
    const senderSeconds = cpuSecondsOf(walsender) - senderAtStart;
    await perf?.stop();
    await process.stop(subject.exitCode);
    await assertCount(watch, rows);
    return {
      ...transfer,
      rssBytes: process.tree.peakBytes,
      meanValueBytes: await watch.meanValueBytes(SAMPLED_VALUES),
      walsenderUsPerRow: (senderSeconds / rows) * 1e6,
    };
  } catch (error) {
    throw process.explain(error);
  } finally {
    await process.kill();
    watch.close();
    await database.dropSlot(slot);
  }
}

/** One run of `pg_recvlogical` on the same log over the same kind of socket. */
export async function runOnReference(log: LoadedLog, socket: Socket): Promise<ReferenceRun> {
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

/** From `start`, which is now, to the moment the broker holds the last of `rows` messages: rows per second, and what they cost. */
export async function measureTransfer(
  process: ObservedProcess,
  watch: TopicWatch,
  rows: number,
  start: bigint,
): Promise<{ readonly value: number; readonly cpuUsPerRow: number }> {
  const cpuAtStart = process.tree.cpuSeconds();
  const end = await watch.waitForCount(rows, deadlineFor(rows), () => process.assertRunning());
  const cpuSeconds = process.tree.cpuSeconds() - cpuAtStart;
  return { value: rows / secondsBetween(start, end), cpuUsPerRow: (cpuSeconds / rows) * 1e6 };
}

/** A figure counts only when each row became exactly one message. */
export async function assertCount(watch: TopicWatch, rows: number): Promise<void> {
  const count = await watch.count();
  if (count !== rows) throw new Error(`the broker holds ${count} messages of ${rows} rows: the run does not count`);
}

/** Far beyond what any run should take: a net for a run that hangs. */
function deadlineFor(rows: number): number {
  return 60_000 + rows / 5;
}
