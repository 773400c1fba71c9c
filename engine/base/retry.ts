import { MillraceError, type ErrorRecord } from './errors.ts';

/** What is done about failures that may pass by themselves. Times are milliseconds. */
export interface RetryPolicy {
  /** Attempts in a row after which none follows; 0 for no limit. */
  readonly attempts: number;
  /** Pause before the first of them; each further one is twice as long. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  /** So long after the first failure in a row no attempt follows; null for no limit. */
  readonly timeoutMs: number | null;
}

/** Failures in a row, the last of which has just happened. */
export interface Failures {
  /** Attempts that were made since the first of them. */
  readonly attempts: number;
  /** Since the first of them. */
  readonly forMs: number;
}

/**
 * Pause before the next attempt: doubles up to the longest; half of it is chance, so that many services which lost the same server do not
 * come back in step. The last attempt is made when the time is up, not a pause later. `random` is in [0, 1).
 */
export function pauseMs({ backoffMs, backoffMaxMs, timeoutMs }: RetryPolicy, { attempts, forMs }: Failures, random: number): number {
  const whole = Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(attempts, 32));
  const left = timeoutMs === null ? Number.POSITIVE_INFINITY : Math.max(0, timeoutMs - forMs);
  return Math.min(left, Math.round(whole / 2 + (whole / 2) * random));
}

/** The error to give up with, which carries the last failure; null while another attempt is due. */
export function giveUp(
  policy: RetryPolicy,
  failures: Failures,
  last: Pick<ErrorRecord, 'code' | 'message' | 'details'>,
): MillraceError | null {
  const limit = limitReached(policy, failures);
  if (limit === null) return null;
  const seconds = (failures.forMs / 1000).toFixed(1);
  const message = `given up after ${failures.attempts} more attempts in ${seconds} s (${limit}); the last one: ${last.code}: ${last.message}`;
  return new MillraceError('RETRIES_EXHAUSTED', message, { ...last.details, lastCode: last.code });
}

function limitReached({ attempts, timeoutMs }: RetryPolicy, failures: Failures): string | null {
  if (attempts > 0 && failures.attempts >= attempts) return `MILLRACE_RETRY_ATTEMPTS is ${attempts}`;
  if (timeoutMs !== null && failures.forMs >= timeoutMs) return `MILLRACE_RETRY_TIMEOUT is ${timeoutMs / 1000} s`;
  return null;
}
