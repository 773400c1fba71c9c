import { Bench as Tinybench } from 'tinybench';
import { median } from '../measure/statistics.ts';
import { summarize, type BenchResult, type DetailValue, type Run } from '../report/result.ts';

/** Each run times so many milliseconds of calls, after a warm-up in which V8 compiles them. */
const RUN_MS = 400;
const WARM_UP_MS = 200;

/**
 * Times `call`, which handles `rows` rows, with tinybench; microseconds per row, the median call of each run.
 */
export async function measureMicro(
  id: string,
  rows: number,
  runs: number,
  call: () => void | Promise<void>,
  detail: Readonly<Record<string, DetailValue>> = {},
): Promise<BenchResult> {
  const measured: Run[] = [];
  for (let run = 0; run < runs; run++) {
    const bench = new Tinybench({ time: RUN_MS, warmupTime: WARM_UP_MS, retainSamples: true, throws: true });
    bench.add(id, call);
    const [task] = await bench.run();
    const result = task?.result;
    if (result?.state !== 'completed') throw new Error(`${id} did not complete`);
    measured.push({
      value: (median(result.latency.samples ?? []) * 1000) / rows,
      cpuUsPerRow: null,
      rssBytes: process.resourceUsage().maxRSS * 1024,
    });
  }
  return summarize(id, 'us/row', measured, null, { rows_per_call: rows, ...detail });
}
