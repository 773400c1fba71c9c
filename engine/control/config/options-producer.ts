import { optional, withDefault } from './option.ts';
import { boolean, bytes, choice, duration, integer } from './parse.ts';

/** How the producer gathers, compresses and sends messages, and what counts as delivered. */
export const PRODUCER_OPTIONS = {
  compression: withDefault(choice(['none', 'gzip', 'snappy', 'lz4', 'zstd']), 'lz4', {
    name: 'COMPRESSION',
    aliases: ['COMPRESSION_TYPE', 'KAFKA_COMPRESSION_TYPE', 'KAFKA_COMPRESSION_CODEC'],
    group: 'Kafka',
    meaning: 'Compression of batches.',
  }),
  lingerMs: withDefault(duration('ms', 0, 900_000), '0', {
    name: 'LINGER_MS',
    aliases: ['KAFKA_LINGER_MS'],
    group: 'Kafka',
    meaning:
      'How long librdkafka waits for more messages before it sends a request. Bulk is gathered and slow brokers get larger requests without it; each millisecond is latency.',
  }),
  batchBytes: optional(bytes(1000, 1_000_000_000), "1MB, at most the topic's limit", {
    name: 'BATCH_BYTES',
    aliases: ['PRODUCER_CONFIG_BATCH_SIZE', 'KAFKA_BATCH_SIZE'],
    group: 'Kafka',
    meaning:
      "Largest batch of messages for one partition, before compression; a topic's own limit holds as well, and of topics by template none may have a smaller one.",
  }),
  batchMessages: optional(integer(1, 1_000_000), '10000', {
    name: 'BATCH_MESSAGES',
    aliases: ['PERFORMANCE_TUNING_BATCH_SIZE', 'KAFKA_BATCH_NUM_MESSAGES'],
    group: 'Kafka',
    meaning: 'Most messages in a batch.',
  }),
  bufferMemory: optional(bytes(1_000_000, 64_000_000_000), 'what MILLRACE_MEMORY leaves for it', {
    name: 'BUFFER_MEMORY',
    group: 'Kafka',
    meaning:
      'Keys and values that wait for a broker; part of MILLRACE_MEMORY, and no message can be larger. It is `queue.buffering.max.kbytes` of librdkafka.',
  }),
  maxMessageBytes: optional(bytes(1000, 1_000_000_000), "the topic's limit", {
    name: 'MAX_MESSAGE_BYTES',
    aliases: ['MAX_REQUEST_SIZE', 'KAFKA_MESSAGE_MAX_BYTES'],
    group: 'Kafka',
    meaning: "Largest message; the topic's own limit holds as well.",
  }),
  acks: withDefault(choice(['all', '1', '0', '-1']), 'all', {
    name: 'ACKS',
    aliases: ['REQUIRED_ACKS'],
    group: 'Kafka',
    meaning: 'Replicas that must have a message. Anything but `all` can lose messages: it needs MILLRACE_ENABLE_IDEMPOTENCE=false.',
  }),
  enableIdempotence: withDefault(boolean(), 'true', {
    name: 'ENABLE_IDEMPOTENCE',
    group: 'Kafka',
    meaning: 'Keep order and uniqueness through retries. `false` gives up the order of messages after a retry, and warns.',
  }),
} as const;
