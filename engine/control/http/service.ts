import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { Supervisor } from '../supervisor.ts';

/** What is watched and steered over HTTP. */
export interface Service {
  readonly config: Config;
  readonly supervisor: Supervisor;
  readonly log: Log;
  readonly redact: (text: string) => string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}
