import type { ErrorRecord } from '../base/errors.ts';
import type { Config } from '../control/config/config.ts';
import type { Step } from './steps.ts';

/** What a check process is asked, over the fork's IPC channel. */
export interface CheckRequest {
  readonly config: Config;
  /** As a capture is given them: variables that are secret. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** What it answers: what it saw, or what let it see nothing. */
export type CheckReply = { readonly steps: readonly Step[] } | { readonly error: ErrorRecord };
