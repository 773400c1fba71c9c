const NO_QUERY = 'messages do not hold the text of statements';
const NO_DDL = 'there are no messages for DDL';
const NO_SCRIPT = 'messages cannot be changed by a script';
const NO_ENCRYPTION = 'messages are not encrypted: use TLS on the way and encrypted disks';
const NO_LOSS = 'a message that cannot be delivered stops the changefeed; for rows that cannot be sent there is MILLRACE_DEAD_LETTER_TOPIC';
const NO_HA = 'a changefeed belongs to one process at a time: whoever takes over after it goes on from the checkpoint';

/** Options of Maxwell that mean nothing here: refused by name, so that nobody believes them to work. */
export const MAXWELL_REFUSED: Readonly<Record<string, string>> = {
  GTID_MODE: 'whether a position is a GTID follows from the server and from MILLRACE_START_POSITION',
  OUTPUT_ROW_QUERY: NO_QUERY,
  ROW_QUERY_MAX_LENGTH: NO_QUERY,
  OUTPUT_DDL: NO_DDL,
  DDL_KAFKA_TOPIC: NO_DDL,
  JAVASCRIPT: NO_SCRIPT,
  ENCRYPT: NO_ENCRYPTION,
  SECRET_KEY: NO_ENCRYPTION,
  IGNORE_PRODUCER_ERROR: NO_LOSS,
  PRODUCER_ACK_TIMEOUT: NO_LOSS,
  BOOTSTRAPPER: 'snapshots are ruled by MILLRACE_SYNC_MODE',
  HA: NO_HA,
  RAFT_MEMBER_ID: NO_HA,
  MASTER_RECOVERY: 'after a failover a changefeed goes on by GTID',
  INIT_POSITION: 'the position is the checkpoint: see `millrace position`; where a first start begins is MILLRACE_START_POSITION',
  REPLICA_SERVER_ID: 'MILLRACE_SERVER_ID is the number that a replica registers under; a replication slot takes none',
  CLIENT_ID: 'the changefeed is named by MILLRACE_CHANGEFEED',
  SCHEMA_DATABASE: 'schemas are kept in the checkpoint, not in a database',
  BINLOG_HEARTBEAT: 'the replication connection has its own keepalives',
};
