import type { CodeEntry } from '../codes.ts';

export const DELIVERY_CODES = {
  DELIVERY_FAILED: {
    action: 'retry',
    summary: 'A message was refused for good, or given up, after it was handed to the producer.',
    advice:
      'The message names broker error, topic, table and key. The capture restarts from its checkpoint; if it ends here again, mend what the error names.',
  },
  KAFKA_TIMESTAMP_REFUSED: {
    action: 'retry',
    summary: "The brokers refuse a message because its timestamp, by this machine's clock, is too far from theirs.",
    advice:
      "Set this machine's clock right (NTP); the changefeed then goes on by itself. With `message.timestamp.type=LogAppendTime` on the topic the brokers " +
      'set timestamps themselves; `message.timestamp.after.max.ms` is how far ahead they may be, an hour since Kafka 4.0.',
  },
  KAFKA_THROTTLED: {
    action: 'warn',
    summary: 'A quota of the brokers holds the producer back: it sends more than its user or client id may.',
    advice:
      'Rows come later and none is lost. `kafka-configs.sh --describe` shows `producer_byte_rate` and `request_percentage` of users and clients: ' +
      'raise them if the lag grows. `millrace_producer_throttled_seconds_total` says how much it is.',
  },
  MESSAGE_TOO_LARGE: {
    action: 'halt',
    summary: 'A row makes a message that is larger than the topic or the memory budget allows.',
    advice:
      "Raise the limit that the message names (the topic's max.message.bytes, or MILLRACE_MEMORY), or exclude the table. The next start meets the same row.",
  },
  DEAD_LETTER_FAILED: {
    action: 'halt',
    summary: 'The brokers refused a dead letter for good: there is no other place for the row.',
    advice:
      'The message names broker error, topic, table and key. Mend the topic of MILLRACE_DEAD_LETTER_TOPIC (its permissions, its max.message.bytes), ' +
      'then start again: the row comes again from the checkpoint.',
  },
  DEAD_LETTER_TOPIC_UNFIT: {
    action: 'halt',
    summary: 'A topic cannot hold dead letters: it is compacted, takes too small messages, or rows go to it.',
    advice: 'Change the topic as the message says, or give another one by MILLRACE_DEAD_LETTER_TOPIC.',
  },
  DEAD_LETTER_CUT: {
    action: 'refuse',
    summary: 'A dead letter cannot be sent again: its topic took only the first bytes of the row.',
    advice:
      'Write the row again in the database, or read its table again, once the cause is mended. A larger max.message.bytes of the dead-letter topic keeps ' +
      'whole rows from then on.',
  },
  DEAD_LETTERS: {
    action: 'warn',
    summary: 'Rows went to the dead-letter topic, and consumers do not have them.',
    advice:
      '`millrace dead-letters list` shows which and why. Mend the cause, then send them again by `millrace dead-letters replay`; the warning ends with ' +
      'the next start of the changefeed.',
  },
  KAFKA_CONFIG_INVALID: {
    action: 'fix-config',
    summary: 'librdkafka does not take a property of the producer, or the property would break the delivery guarantees.',
    advice: 'Correct or leave out the property that the message names.',
  },
  UNKNOWN_PARTITION: {
    action: 'halt',
    summary: 'A row was sent to a partition that its topic did not have when the changefeed started.',
    advice: 'Check the dispatcher rules and the topic. Partition counts are read at start only: restart after the topic has grown.',
  },
  TOO_MANY_TARGETS: {
    action: 'halt',
    summary: 'The topics of one changefeed have more partitions together than its delivery table holds.',
    advice: 'Send to fewer topics or partitions, or divide the tables between several changefeeds.',
  },
  PRODUCE_REFUSED: {
    action: 'retry',
    summary:
      'librdkafka accepts no messages for a topic any more: after a fatal error, outside of a transaction, or because the topic is gone.',
    advice:
      'The message names the reason. The capture restarts from its checkpoint; if it ends here again, check the topic and the permissions.',
  },
  PRODUCER_CLOSED: {
    action: 'retry',
    summary: 'A producer was used after it had been closed, which happens while a changefeed stops.',
    advice: 'Nothing, unless it appears while the changefeed should be running: then please report it with the log.',
  },
  PRODUCER_FENCED: {
    action: 'retry',
    summary: 'A newer producer took over the transactional id: another instance runs the same changefeed.',
    advice: 'Stop the other instance, or give each changefeed an id of its own.',
  },
  TRANSACTION_ABORTED: {
    action: 'retry',
    summary: 'A Kafka transaction cannot be committed any more, for example because its timeout passed.',
    advice: 'The capture restarts from its checkpoint. If it happens again, raise transaction.timeout.ms or make transactions smaller.',
  },
  TRANSACTION_FAILED: {
    action: 'retry',
    summary: 'A step of a Kafka transaction did not succeed within its deadline.',
    advice:
      'The capture restarts from its checkpoint. Check that the transaction coordinator can be reached and that the principal may use the id.',
  },
  MOCK_CLUSTER_FAILED: {
    action: 'halt',
    summary: 'The embedded broker of the demo and the bench could not be started or changed.',
    advice: 'Check that ports on 127.0.0.1 can be opened; it is not used in production.',
  },
  NATIVE_ADDON_MISSING: {
    action: 'fix-config',
    summary: 'The native addon, or the librdkafka that it needs, cannot be loaded.',
    advice: 'Run scripts/setup. After a change of the Node.js major version it builds both again.',
  },
  NATIVE_ADDON_MISMATCH: {
    action: 'fix-config',
    summary: 'The native addon was built from other sources, or another librdkafka was loaded than the one it was built with.',
    advice: 'Run scripts/setup, and take other copies of librdkafka.so.1 out of LD_LIBRARY_PATH.',
  },
  LOCK_FAILED: {
    action: 'halt',
    summary: 'A lock file could not be opened or locked.',
    advice: 'Check that its directory exists, is writable for this user and lies on a local file system.',
  },
} satisfies Record<string, CodeEntry>;
