import type { BenchResult } from './report/result.ts';
import type { Session } from './session.ts';

/** One line of the results: how it is named and how it is made. */
export interface Bench {
  readonly id: string;
  /** Runs only when it is named. */
  readonly optIn?: boolean;
  readonly run: (session: Session) => Promise<BenchResult>;
}
