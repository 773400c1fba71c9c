import type { RetryPolicy } from '../../engine/base/retry.ts';

/** The policy of the options' defaults. */
export const WITHOUT_END: RetryPolicy = { attempts: 0, backoffMs: 500, backoffMaxMs: 30_000, timeoutMs: null };
