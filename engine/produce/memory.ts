import { MillraceError } from '../base/errors.ts';

/**
 * How the one memory budget is shared: rings, the two places of large rows, and librdkafka's queue.
 *
 *   budget = workers x ring  +  2 x large (a quarter each: the row as it came, the message as it goes)  +  queue
 *
 * librdkafka's byte limit counts keys and values only, and each message costs a fixed overhead beside them. So the queue's share is
 * split: a part for the bytes, the rest for the overhead, which limits the count. Whichever limit is met first, the sum stays inside.
 */
export interface MemoryPlan {
  readonly ringBytes: number;
  /** Largest row as it comes, and largest message. */
  readonly largeBytes: number;
  /** `queue.buffering.max.kbytes` */
  readonly queueKilobytes: number;
  /** `queue.buffering.max.messages` */
  readonly queueMessages: number;
}

/** Bytes that a queued message costs beyond its key and value. */
export const QUEUED_MESSAGE_BYTES = 320;
/** Part of the queue's share that keys and values may take. */
const PAYLOAD_SHARE = 0.6;
/** Rings take at most this part of the budget: what waits in them is better kept in librdkafka's queue, already encoded. */
const RINGS_PART = 16;
const RING_BYTES_MAX = 8 * 1024 * 1024;
const RING_BYTES_MIN = 64 * 1024;
export const MEMORY_BYTES_MIN = 16_000_000;

/**
 * @param budgetBytes the whole budget
 * @param workers encoder threads, one ring each
 * @param bufferBytes the user's own limit of keys and values in librdkafka's queue; null for all that is left
 * @throws MillraceError MEMORY_BUDGET_TOO_SMALL
 */
export function planMemory(budgetBytes: number, workers: number, bufferBytes: number | null): MemoryPlan {
  const least = Math.max(MEMORY_BYTES_MIN, workers * RING_BYTES_MIN * RINGS_PART);
  if (budgetBytes < least) {
    throw new MillraceError(
      'MEMORY_BUDGET_TOO_SMALL',
      `MILLRACE_MEMORY is ${budgetBytes} bytes; ${workers} workers need at least ${least}`,
      {
        bytes: budgetBytes,
        least,
      },
    );
  }
  let ringBytes = RING_BYTES_MAX;
  while (ringBytes > RING_BYTES_MIN && ringBytes * workers > budgetBytes / RINGS_PART) ringBytes /= 2;
  const largeBytes = Math.floor(budgetBytes / 32) * 8;
  const queueBytes = budgetBytes - ringBytes * workers - 2 * largeBytes;
  const queueKilobytes = Math.floor((queueBytes * PAYLOAD_SHARE) / 1024);
  const asked = bufferBytes === null ? queueKilobytes : Math.floor(bufferBytes / 1024);
  if (asked > queueKilobytes) throw bufferTooLarge(bufferBytes ?? 0, budgetBytes, queueKilobytes * 1024);
  return {
    ringBytes,
    // librdkafka never takes a message that is larger than its queue, not even into an empty one.
    largeBytes: Math.min(largeBytes, asked * 1024),
    queueKilobytes: asked,
    queueMessages: Math.floor((queueBytes * (1 - PAYLOAD_SHARE)) / QUEUED_MESSAGE_BYTES),
  };
}

function bufferTooLarge(asked: number, budget: number, most: number): MillraceError {
  return new MillraceError(
    'MEMORY_BUDGET_TOO_SMALL',
    `MILLRACE_BUFFER_MEMORY is ${asked} bytes; MILLRACE_MEMORY is ${budget}, which leaves ${most} for it: lower the one or raise the other`,
    { bytes: asked, most },
  );
}
