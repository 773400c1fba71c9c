import type { CodeEntry } from '../codes.ts';

export const TOPIC_CODES = {
  KAFKA_UNREACHABLE: {
    action: 'retry',
    summary: 'No broker of the bootstrap list answered, or it answered with an error of its own.',
    advice:
      'Check MILLRACE_BOOTSTRAP_SERVERS, the network and the security settings; `millrace check --sink` tells how far a connection gets. ' +
      'The capture tries again with back-off.',
  },
  KAFKA_LISTENERS: {
    action: 'retry',
    summary: 'The bootstrap list answered, and the cluster advertises addresses of its brokers that cannot be reached from here.',
    advice:
      'Set `advertised.listeners` in the server.properties of each broker to an address that this machine reaches, and restart it. The capture tries again with back-off.',
  },
  KAFKA_TOPIC_MISSING: {
    action: 'halt',
    summary: 'The topic does not exist and Millrace was not told to create it.',
    advice: 'Create it with the command in the message, or set MILLRACE_AUTO_CREATE_TOPIC=true.',
  },
  KAFKA_TOPIC_CREATE: {
    action: 'halt',
    summary: 'The topic could not be created.',
    advice: 'Grant Create on the cluster, or create the topic by hand; check the replication factor against the number of brokers.',
  },
  KAFKA_TOPIC_UNWRITABLE: {
    action: 'retry',
    summary: 'No message can be written to the topic now: partitions without a leader, or fewer replicas than min.insync.replicas.',
    advice:
      'Bring the missing brokers back, or lower min.insync.replicas with the command in the message. The capture tries again with back-off.',
  },
  KAFKA_PARTITION_COUNT: {
    action: 'halt',
    summary: 'The topic has another number of partitions than asked for, or than when the checkpoint was made: keys would move.',
    advice: 'Give the actual number, or let consumers drain the topic and reset the recorded number as the message says.',
  },
  TOPIC_COMPACTED: {
    action: 'halt',
    summary:
      'The topic is compacted, and the tables would lose rows in it: several share it without their names in the keys, or one has no key.',
    advice:
      'Set MILLRACE_KEY_FORMAT=table_primary_key, give each table a topic of its own or a primary key, or set cleanup.policy=delete on the topic.',
  },
  TOPIC_NAME_INVALID: {
    action: 'halt',
    summary: 'The topic template gives a table a topic name that Kafka does not take.',
    advice: 'Change MILLRACE_TOPIC so that it leaves the name with other characters out, or leave the table out of MILLRACE_TABLES.',
  },
  MEMORY_BUDGET_TOO_SMALL: {
    action: 'fix-config',
    summary: 'MILLRACE_MEMORY is too small to work with, or for MILLRACE_BUFFER_MEMORY.',
    advice: 'Give at least the number in the message; the default is 160 MB. Or lower MILLRACE_BUFFER_MEMORY, or leave it out.',
  },
} satisfies Record<string, CodeEntry>;
