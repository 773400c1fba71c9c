import type { CodeEntry } from '../codes.ts';

export const BINLOG_CODES = {
  BINLOG_CHECKSUM: {
    action: 'retry',
    summary: 'An event of the binlog does not have the checksum that stands at its end.',
    advice:
      'The capture restarts from its checkpoint and reads the event again. If it comes again at the same place, the log is damaged there: ' +
      '`mariadb-binlog --verify-binlog-checksum` or `mysqlbinlog --verify-binlog-checksum` tells. If it wanders, the network is damaging bytes: use TLS.',
  },
  BINLOG_EVENT_INVALID: {
    action: 'retry',
    summary: 'An event of the binlog is malformed, or comes where it cannot.',
    advice:
      'The capture restarts from its checkpoint and reads the event again. If it comes again, please report it with the log, and what ' +
      '`mariadb-binlog` or `mysqlbinlog` prints at that place.',
  },
  BINLOG_EVENT_UNSUPPORTED: {
    action: 'halt',
    summary: 'The binlog has an event of a type that is not supported, and that may hold changes of selected tables.',
    advice:
      'The message names the type and what makes the server write it. Turn that off, then start behind the event: `millrace position reset`, or a ' +
      'position of your choice.',
  },
  BINLOG_INCIDENT: {
    action: 'halt',
    summary: 'The server wrote an INCIDENT event: it could not log some changes, so the log does not have all of them.',
    advice:
      "The server's error log says why. Compare the tables with what was delivered, then start behind the event with `millrace position reset`.",
  },
  BINLOG_METADATA_MISSING: {
    action: 'halt',
    summary: 'The binlog has rows of a selected table without the names of its columns.',
    advice:
      'Run `SET GLOBAL binlog_row_metadata = FULL`, set it in the configuration of the server too, and start behind the rows that were written ' +
      'before: `millrace position reset`.',
  },
  BINLOG_STATEMENT_FORMAT: {
    action: 'halt',
    summary: 'A statement that changes rows of a selected table stands in the binlog as a statement: which rows it changed is not there.',
    advice:
      'A session, or the server, has `binlog_format` STATEMENT or MIXED. Set it to ROW, end the sessions that still have the old value, and start ' +
      'behind the statement: `millrace position reset`; the rows that it changed must be delivered by other means. For a temporary table that was made ' +
      'before the log was read from here on, use patterns in MILLRACE_TABLES that do not fit its name.',
  },
  BINLOG_XA_UNSUPPORTED: {
    action: 'halt',
    summary: 'A selected table was changed by an XA transaction, which is not supported yet.',
    advice:
      'Leave the table out of MILLRACE_TABLES, or change it by other transactions, and start behind this one: `millrace position reset`.',
  },
  SPILL_FAILED: {
    action: 'retry',
    summary: 'The file for a large transaction that is not decided yet cannot be written or read.',
    advice: 'Make room on the file system of MILLRACE_STATE_DIR: the file grows to the size of the transaction in the log.',
  },
} satisfies Record<string, CodeEntry>;
