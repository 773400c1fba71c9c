/** The steps of the database, in the order in which they are taken. */
export const SOURCE_STEPS = [
  'resolve',
  'connect',
  'tls',
  'login',
  'version',
  'primary',
  'clock',
  'wal_level',
  'privileges',
  'walsenders',
  'max_slot_wal_keep_size',
  'wal_sender_timeout',
  'checkpoint',
  'slots',
  'tables',
  'replica_identity',
  'publication',
  'partitions',
  'snapshot_size',
] as const;
export type SourceStep = (typeof SOURCE_STEPS)[number];

/** The steps of Kafka, in the order in which they are taken. */
export const SINK_STEPS = [
  'resolve',
  'bootstrap',
  'tls',
  'login',
  'listeners',
  'topic',
  'partitions',
  'replication_factor',
  'min_insync_replicas',
  'retention',
  'cleanup_policy',
  'write_permission',
  'message_size',
  'checkpoint_topic',
] as const;
export type SinkStep = (typeof SINK_STEPS)[number];
