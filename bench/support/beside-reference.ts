import { runPairs } from '../measure/pairs.ts';
import { median, significant } from '../measure/statistics.ts';
import { summarize, type BenchResult, type DetailValue, type Run } from '../report/result.ts';
import type { SubjectRun } from './transfer.ts';

/** One run of a reference. CPU is that of its whole life, connecting included (a few milliseconds). */
export interface ReferenceRun {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** What the product stands beside, on the same log. */
export interface ReferenceProgram {
  readonly name: string;
  readonly run: () => Promise<ReferenceRun>;
}

/** Messages per second of the product beside the rows per second of a reference, both on a log of `rows` rows, in `count` pairs. */
export async function besideReference(
  id: string,
  rows: number,
  count: number,
  runProduct: () => Promise<SubjectRun>,
  reference: ReferenceProgram,
): Promise<BenchResult> {
  const pairs = await runPairs(count, runProduct, reference.run);
  const runs = pairs.reference.map((run) => rows / run.seconds);
  return summarize(
    id,
    'rows/s',
    pairs.product,
    { name: reference.name, runs },
    {
      ...describeRuns(rows, pairs.product),
      reference_cpu_us_per_row: significant(median(pairs.reference.map((run) => (run.cpuSeconds / rows) * 1e6)), 3),
      others_busy_cores_max: pairs.othersBusyCores,
    },
  );
}

/** What is told of every run of the product beside its figure. */
export function describeRuns(rows: number, runs: readonly SubjectRun[]): Record<string, DetailValue> {
  return {
    rows,
    value_bytes_mean: significant(median(runs.map((run) => run.meanValueBytes))),
    cpu_us_per_row_runs: runs.map((run) => significant(cpuOf(run), 3)),
    sender_cpu_us_per_row: significant(median(runs.map((run) => run.senderUsPerRow)), 3),
  };
}

/** CPU of a run, microseconds a row. */
export function cpuOf(run: Run): number {
  return run.cpuUsPerRow ?? Number.NaN;
}
