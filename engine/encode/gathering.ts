import { LeakyBucket } from '../base/leaky-bucket.ts';

/**
 * Above this rate gathering pays, below it it would only be latency. A stream that a slow disk of its server lets through in bursts, a
 * dozen milliseconds' worth at once, is none the quicker for it.
 */
const BULK_PER_MS = 25;
/** So many messages beyond that rate make bulk of what was a burst; so many more are remembered. */
const BULK_MESSAGES = 1_000;
/** Fewer are the end of bulk, and go. */
const MESSAGES_MIN = 64;
/** What pays on busy processors (docs/decisions/0016). */
const GATHER_MS = 12;

/** Decides how long a batch gathers messages before it goes: in bulk for a moment, for fewer and larger requests, else not at all. */
export class Gathering {
  private readonly bulk = new LeakyBucket(BULK_PER_MS, 2 * BULK_MESSAGES);

  /** So many messages went. */
  sent(messages: number, nowMs: number): void {
    this.bulk.add(messages, nowMs);
  }

  /** Milliseconds from the offer of a batch of so many messages, which have not gone, to when they go. */
  forBatchOf(messages: number, nowMs: number): number {
    return messages >= MESSAGES_MIN && this.bulk.add(0, nowMs) >= BULK_MESSAGES ? GATHER_MS : 0;
  }
}
