import { secondsBetween } from '../measure/clock.ts';
import { cpuSecondsOf } from '../measure/process-tree.ts';
import { PerfRecording } from '../profile/profiling.ts';
import type { Run } from '../report/result.ts';
import type { ObservedProcess } from './observed-process.ts';
import { TopicWatch } from './topic-watch.ts';

const START_DEADLINE_MS = 30_000;
const SAMPLED_VALUES = 1_000;

/** The moment a log got its reader, and the process that sends to it. */
export interface StreamStart {
  readonly start: bigint;
  readonly sender: number;
}

/** A place in a log from which a program reads. */
export interface Reading {
  /** Waits until the server has begun to send the log to `reader`. */
  readonly whenStreaming: (reader: ObservedProcess, deadlineMs: number) => Promise<StreamStart>;
  /** Gives the place back, once its reader has ended. */
  readonly close: () => Promise<void>;
}

/** A program that is to carry a log into a topic. */
export interface Subject {
  readonly start: () => Promise<ObservedProcess>;
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly partitions: number;
  /** What it exits with when it is asked to stop. */
  readonly exitCode: number;
}

export interface SubjectRun extends Run {
  readonly meanValueBytes: number;
  readonly senderUsPerRow: number;
}

/** One run of a fresh process: clocks from the moment the log has a reader to the moment the broker holds the last of `rows` messages. */
export async function runSubject(rows: number, reading: Reading, subject: Subject): Promise<SubjectRun> {
  const watch = new TopicWatch(subject.bootstrapServers, subject.topic, subject.partitions);
  const process = await subject.start();
  try {
    const { start, sender } = await reading.whenStreaming(process, START_DEADLINE_MS);
    const perf = PerfRecording.start(process.tree.pids());
    const senderAtStart = cpuSecondsOf(sender);
    const transfer = await measureTransfer(process, watch, rows, start);
    const senderSeconds = cpuSecondsOf(sender) - senderAtStart;
    await perf?.stop();
    await process.stop(subject.exitCode);
    await assertCount(watch, rows);
    return {
      ...transfer,
      rssBytes: process.tree.peakBytes,
      meanValueBytes: await watch.meanValueBytes(SAMPLED_VALUES),
      senderUsPerRow: (senderSeconds / rows) * 1e6,
    };
  } catch (error) {
    throw process.explain(error);
  } finally {
    await process.kill();
    watch.close();
    await reading.close();
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
