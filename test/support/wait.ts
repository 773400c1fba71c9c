import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** Milliseconds after which the wait fails. Generous: it is a safety net, not a measurement. Default 30 s. */
  readonly deadlineMs?: number;
  /** What is awaited, for the error: "the slot to be created". A function is called when the wait fails, to show the last state. */
  readonly what: string | (() => string);
  /** Milliseconds between two looks. Default 20. */
  readonly everyMs?: number;
}

/** `T` without what counts as "not yet". */
export type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

/**
 * Waits until `condition` returns something truthy and returns that. What `condition` throws counts as "not yet"
 * and becomes the cause of the error when the deadline passes.
 */
export async function until<T>(condition: () => T | Promise<T>, options: UntilOptions): Promise<Truthy<T>> {
  const { deadlineMs = 30_000, what, everyMs = 20 } = options;
  const deadline = performance.now() + deadlineMs;
  let thrown: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as Truthy<T>;
      thrown = undefined;
    } catch (error) {
      thrown = error;
    }
    if (performance.now() > deadline) break;
    await delay(everyMs);
  }
  const awaited = typeof what === 'string' ? what : what();
  throw new Error(`waited ${deadlineMs} ms in vain for ${awaited}`, { cause: thrown });
}

/** The result of `promise`, or an error naming `what` after `deadlineMs`. */
export async function within<T>(promise: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  const clock = new AbortController();
  const late = delay(deadlineMs, undefined, { signal: clock.signal }).then(() => {
    throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clock.abort();
    late.catch(() => undefined);
  }
}
