import type { CodeEntry } from '../codes.ts';

export const MYSQL_CODES = {
  BINLOG_OFF: {
    action: 'halt',
    summary: 'The server writes no binary log.',
    advice: 'Start it with `log_bin` (MariaDB, and MySQL where `skip-log-bin` is set) and a `server_id`; both need a restart.',
  },
  BINLOG_FORMAT: {
    action: 'halt',
    summary: 'The binary log holds statements instead of rows.',
    advice: "Run `SET GLOBAL binlog_format = 'ROW'`, put it into the server's configuration, and let open sessions connect anew.",
  },
  BINLOG_ROW_METADATA: {
    action: 'halt',
    summary: "The binary log does not name the tables' columns: `binlog_row_metadata` is not FULL.",
    advice: "Run `SET GLOBAL binlog_row_metadata = 'FULL'` and put it into the server's configuration; it needs no restart.",
  },
  BINLOG_PRIVILEGE: {
    action: 'halt-at-start',
    summary: 'The account lacks a privilege that reading the binary log, or looking at the selected tables, takes.',
    advice: 'Run the GRANT in the message.',
  },
  BINLOG_PURGED: {
    action: 'halt',
    summary: 'The part of the binary log that the position needs has been purged: changes that were not exported are gone.',
    advice:
      'Start anew with `millrace position reset`, and keep the log longer (`binlog_expire_logs_seconds`, `expire_logs_days`) than a stop may last.',
  },
  BINLOG_RESET: {
    action: 'halt',
    summary: 'The binary log is not the one that the stored position belongs to: it was reset, or the server was set up anew.',
    advice: 'Point `MILLRACE_SOURCE_URL` at the right server, or start anew with `millrace position reset`.',
  },
  GTID_UNKNOWN: {
    action: 'halt',
    summary:
      'The position holds GTIDs that the server does not have: it was restored, reset or promoted without them, or the GTID was never written.',
    advice:
      'The server would wait for them without a word, or send what follows as if nothing were missing. Point `MILLRACE_SOURCE_URL` at the right server, or start anew with `millrace position reset`.',
  },
  GTID_MODE: {
    action: 'halt',
    summary: "The position is one of GTIDs, and the server's `gtid_mode` is not ON.",
    advice: 'Turn `gtid_mode` on again, or start anew with `millrace position reset`, which then goes by file and offset.',
  },
  START_POSITION_INVALID: {
    action: 'halt',
    summary: '`MILLRACE_START_POSITION` is not a position of this server.',
    advice: 'Give `newest`, `oldest`, a GTID as this server writes them, `file:offset` as `SHOW BINARY LOGS` lists them, or a time.',
  },
  SERVER_ID_TAKEN: {
    action: 'retry',
    summary: 'A replica with the `server_id` of this changefeed is connected to the server.',
    advice:
      'If it is an earlier Millrace whose end the server has not noticed, the next attempt succeeds; else set `MILLRACE_SERVER_ID` to a number of its own.',
  },
  SERVER_ID_CLASH: {
    action: 'halt',
    summary: 'Another replica with the same `server_id` has connected, and the server has ended this stream for it.',
    advice: 'Stop the other one, or set `MILLRACE_SERVER_ID` to a number that nobody else has.',
  },
  SERVER_SWITCHED: {
    action: 'retry',
    summary: 'Another server answers under the same address than before.',
    advice:
      'With GTIDs nothing has to be done: the capture restarts from its checkpoint, and finds its place on the new server. A position by file and ' +
      'offset means nothing there: the restart ends with SYSTEM_CHANGED.',
  },
  EVENT_TOO_LARGE: {
    action: 'halt',
    summary: 'An event of the binary log is larger than a quarter of the memory budget.',
    advice: 'Raise `MILLRACE_MEMORY` to more than four times the size in the message.',
  },
} satisfies Record<string, CodeEntry>;
