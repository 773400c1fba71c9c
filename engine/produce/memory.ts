import { MillraceError } from '../base/errors.ts';

/**
 * How the one memory budget is shared: rings, the side path for records too large for a ring, and librdkafka's queue.
 *
 *   budget = workers x ring  +  side path (a quarter)  +  queue
 *
 * librdkafka's byte limit counts keys and values only, and each message costs a fixed overhead beside them. So the queue's share is
 * split: a part for the bytes, the rest for the overhead, which limits the count. Whichever limit is met first, the sum stays inside.
 */
export interface MemoryPlan {
  readonly ringBytes: number;
  /** Most bytes of large records that may be under way beside the rings; also the largest row. */
  readonly sideBytes: number;
  /** `queue.buffering.max.kbytes` */
  readonly queueKilobytes: number;
  /** `queue.buffering.max.messages` */
  readonly queueMessages: number;
}

/** Bytes that a queued message costs beyond its key and value. */
export const MESSAGE_OVERHEAD_BYTES = 320;
/** Part of the queue's share that keys and values may take. */
const PAYLOAD_SHARE = 0.6;
const RING_BYTES_MAX = 8 * 1024 * 1024;
const RING_BYTES_MIN = 64 * 1024;
export const MEMORY_BYTES_MIN = 16_000_000;

/**
 * @param budgetBytes the whole budget
 * @param workers encoder threads, one ring each
 * @throws MillraceError MEMORY_BUDGET_TOO_SMALL
 */
export function planMemory(budgetBytes: number, workers: number): MemoryPlan {
  if (budgetBytes < MEMORY_BYTES_MIN) {
    throw new MillraceError('MEMORY_BUDGET_TOO_SMALL', `MILLRACE_MEMORY is ${budgetBytes} bytes; at least ${MEMORY_BYTES_MIN} are needed`, {
      bytes: budgetBytes,
    });
  }
  let ringBytes = RING_BYTES_MAX;
  while (ringBytes > RING_BYTES_MIN && ringBytes * workers > budgetBytes / 4) ringBytes /= 2;
  const sideBytes = Math.floor(budgetBytes / 4);
  const queueBytes = budgetBytes - ringBytes * workers - sideBytes;
  return {
    ringBytes,
    sideBytes,
    queueKilobytes: Math.floor((queueBytes * PAYLOAD_SHARE) / 1024),
    queueMessages: Math.floor((queueBytes * (1 - PAYLOAD_SHARE)) / MESSAGE_OVERHEAD_BYTES),
  };
}
