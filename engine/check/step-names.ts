/** The steps of PostgreSQL, in the order in which they are taken. */
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

/** The steps of MariaDB and MySQL, in the order in which they are taken. */
export const BINLOG_STEPS = [
  'resolve',
  'connect',
  'tls',
  'login',
  'version',
  'clock',
  'privileges',
  'log_bin',
  'binlog_format',
  'binlog_row_image',
  'binlog_row_metadata',
  'binlog_row_value_options',
  'binlog_checksum',
  'log_replica_updates',
  'gtid_mode',
  'server_id',
  'checkpoint',
  'retention',
  'tables',
  'binlog_databases',
  'keys',
  'engines',
  'xa',
] as const;
export type SourceStep = (typeof SOURCE_STEPS)[number] | (typeof BINLOG_STEPS)[number];

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
