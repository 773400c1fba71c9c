const NO_GTID = 'PostgreSQL has no GTID: MILLRACE_OUTPUT_BINLOG_POSITION writes the position of a row';
const NO_QUERY = "PostgreSQL's log does not hold the text of statements";
const NO_DDL = "PostgreSQL's log does not hold DDL: messages for it do not exist";
const NO_SCRIPT = 'messages cannot be changed by a script';
const NO_ENCRYPTION = 'messages are not encrypted: use TLS on the way and encrypted disks';
const NO_LOSS = 'a message that cannot be delivered stops the changefeed; for rows that cannot be sent there is MILLRACE_DEAD_LETTER_TOPIC';

/** Options of Maxwell that mean nothing here: refused by name, so that nobody believes them to work. */
export const MAXWELL_REFUSED: Readonly<Record<string, string>> = {
  OUTPUT_GTID_POSITION: NO_GTID,
  GTID_MODE: NO_GTID,
  OUTPUT_ROW_QUERY: NO_QUERY,
  ROW_QUERY_MAX_LENGTH: NO_QUERY,
  OUTPUT_NULL_ZERODATES: 'PostgreSQL has no zero dates',
  OUTPUT_DDL: NO_DDL,
  DDL_KAFKA_TOPIC: NO_DDL,
  JAVASCRIPT: NO_SCRIPT,
  ENCRYPT: NO_ENCRYPTION,
  SECRET_KEY: NO_ENCRYPTION,
  IGNORE_PRODUCER_ERROR: NO_LOSS,
  PRODUCER_ACK_TIMEOUT: NO_LOSS,
  BOOTSTRAPPER: 'snapshots are ruled by MILLRACE_SYNC_MODE',
  INIT_POSITION: 'the position is the checkpoint: see `millrace position`; where a first start begins is MILLRACE_START_POSITION',
  REPLICA_SERVER_ID: 'MILLRACE_SERVER_ID is the number of the replica, and of PostgreSQL the one in messages',
  CLIENT_ID: 'the changefeed is named by MILLRACE_CHANGEFEED',
  SCHEMA_DATABASE: 'schemas are kept in the checkpoint, not in a database',
  BINLOG_HEARTBEAT: 'the replication connection has its own keepalives',
};
