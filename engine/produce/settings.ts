import type { MemoryPlan } from './memory.ts';

/**
 * The producer's own properties on top of the user's and of the guarantees (`control/config`): memory and sizes. `maxMessageBytes` is null
 * while topics and their limits are not known: then what the memory plan can hold, each message being held against its topic's limit before
 * it is handed over. `batchBytesMax` is the least limit that is known.
 */
export function producerProperties(
  properties: Readonly<Record<string, string>>,
  plan: MemoryPlan,
  maxMessageBytes: number | null,
  batchBytesMax = maxMessageBytes,
): Record<string, string> {
  return {
    ...properties,
    'queue.buffering.max.messages': String(plan.queueMessages),
    'queue.buffering.max.kbytes': String(plan.queueKilobytes),
    'message.max.bytes': String(Math.min(Math.max(maxMessageBytes ?? plan.largeBytes, MESSAGE_MAX_BYTES_MIN), MESSAGE_MAX_BYTES_MAX)),
    // A broker refuses a whole batch that is larger than the topic's limit, however small its messages.
    'batch.size': String(Math.min(Number(properties['batch.size'] ?? BATCH_BYTES), batchBytesMax ?? Number.MAX_SAFE_INTEGER)),
  };
}

const BATCH_BYTES = 1_000_000;
/** Range of librdkafka's `message.max.bytes`. */
const MESSAGE_MAX_BYTES_MIN = 1000;
const MESSAGE_MAX_BYTES_MAX = 1_000_000_000;
