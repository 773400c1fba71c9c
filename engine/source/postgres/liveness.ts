/** How often the server hears from us at least, in milliseconds, whatever its own limit. */
const STATUS_MS_MAX = 10_000;
const STATUS_MS_MIN = 20;

/**
 * Milliseconds between two status messages: a third of `wal_sender_timeout`, so that two may be late. A timeout of 0 means that the server
 * never gives up; it still wants to know how far its slot may move.
 */
export function statusIntervalMs(walSenderTimeoutMs: number): number {
  if (walSenderTimeoutMs <= 0) return STATUS_MS_MAX;
  return Math.min(STATUS_MS_MAX, Math.max(STATUS_MS_MIN, Math.floor(walSenderTimeoutMs / 3)));
}

/** What silence of the server calls for: nothing; a status that asks for an answer; a look at its process by another way. */
export type SilenceStep = 'wait' | 'ask' | 'probe';

/**
 * A server may be silent for minutes while it decodes what is not published, and an idle one until it is asked. So it is asked first, and
 * only if it does not answer looked at through the side connection.
 * @param silentMs since the last byte came, while we were reading
 * @param intervalMs of `statusIntervalMs`
 */
export function judgeSilence(silentMs: number, intervalMs: number): SilenceStep {
  // Not under a second, whatever the interval: a busy machine is no dead one.
  const patience = Math.max(intervalMs, 1_000);
  if (silentMs < 2 * patience) return 'wait';
  return silentMs < 3 * patience ? 'ask' : 'probe';
}
