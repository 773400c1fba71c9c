import type { BenchResult } from './result.ts';

/** The machine a results file was made on; `memory_gb` in 10^9 bytes. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gb: number;
  readonly kernel: string;
}

/** What was measured and beside what; null for a server that no bench needed. */
export interface Versions {
  /** Of package.json, with the commit. */
  readonly millrace: string;
  readonly node: string;
  readonly librdkafka: string;
  readonly postgresql: string | null;
  readonly kafka: string | null;
  /** Absent in results from before there were benches with it; so is the next. */
  readonly mariadb?: string | null;
  readonly mysql?: string | null;
}

/** What `--json` writes. */
export interface ResultsFile {
  readonly machine: Machine;
  readonly versions: Versions;
  readonly results: readonly BenchResult[];
}
