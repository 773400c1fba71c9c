import type { Code } from '../base/codes.ts';
import type { ErrorRecord } from '../base/errors.ts';

/** An error that ended a capture, and when. */
export interface PastError {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly error: ErrorRecord;
}

/** So many are kept. */
const KEPT = 10;

/** The errors that ended captures: the latest ones whole, all of them as numbers. What a changefeed has recovered from stays in it. */
export class ErrorBook {
  readonly counts = new Map<Code, number>();
  private readonly past: PastError[] = [];

  add(error: ErrorRecord, now: Date): void {
    this.counts.set(error.code, (this.counts.get(error.code) ?? 0) + 1);
    this.past.unshift({ at: now.toISOString(), error });
    if (this.past.length > KEPT) this.past.pop();
  }

  /** The latest first. */
  get latest(): readonly PastError[] {
    return this.past;
  }
}
