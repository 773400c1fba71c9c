import { median, pairRatios, significant } from '../measure/statistics.ts';

export type DetailValue = string | number | boolean | null | readonly number[];

/** One line of the results file; the names of its fields are the contract with whoever reads it. Memory in MB of 10^6 bytes. */
export interface BenchResult {
  readonly id: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: readonly number[];
  readonly reference: Reference | null;
  /** Median of the per-pair ratios product / reference. */
  readonly ratio: number | null;
  readonly cpu_us_per_row: number | null;
  readonly rss_max_mb: number;
  readonly detail: Readonly<Record<string, DetailValue>>;
}

export interface Reference {
  readonly name: string;
  readonly median: number;
  readonly runs?: readonly number[];
  /** True for a figure that was measured elsewhere and is only quoted here. */
  readonly recorded?: boolean;
}

/** One run of the product: the figure itself in the bench's unit, and what it cost. */
export interface Run {
  readonly value: number;
  readonly cpuUsPerRow: number | null;
  readonly rssBytes: number;
}

/** Runs of product and reference, in pairs, made into a result. `referenceRuns` null where there is nothing to compare with. */
export function summarize(
  id: string,
  unit: string,
  runs: readonly Run[],
  reference: { readonly name: string; readonly runs: readonly number[] } | null,
  detail: Readonly<Record<string, DetailValue>>,
): BenchResult {
  const values = runs.map((run) => run.value);
  const cpu = runs.flatMap((run) => (run.cpuUsPerRow === null ? [] : [run.cpuUsPerRow]));
  const ratios = reference === null ? [] : pairRatios(values, reference.runs);
  return {
    id,
    unit,
    median: significant(median(values)),
    min: significant(Math.min(...values)),
    max: significant(Math.max(...values)),
    runs: values.map((value) => significant(value)),
    reference:
      reference === null
        ? null
        : { name: reference.name, median: significant(median(reference.runs)), runs: reference.runs.map((value) => significant(value)) },
    ratio: reference === null ? null : significant(median(ratios), 3),
    cpu_us_per_row: cpu.length === 0 ? null : significant(median(cpu), 3),
    rss_max_mb: megabytes(Math.max(...runs.map((run) => run.rssBytes))),
    detail: reference === null ? detail : { ratios: ratios.map((value) => significant(value, 3)), ...detail },
  };
}

/** Bytes as MB of 10^6, one decimal. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}
