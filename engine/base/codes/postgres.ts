import type { CodeEntry } from '../codes.ts';

export const POSTGRES_CODES = {
  // The start: server, tables, publication, slot, position.
  PREFLIGHT_FAILED: {
    action: 'halt',
    summary: 'Several things stand in the way of the start; the message lists all of them, each with its own code.',
    advice: 'Do what each of them says, then start again.',
  },
  SERVER_VERSION: {
    action: 'halt',
    summary: 'The server is older than PostgreSQL 14, MariaDB 10.6 or MySQL 8.0.',
    advice: 'Upgrade the server.',
  },
  SERVER_STANDBY: {
    action: 'halt',
    summary: 'The server is a standby. Changes are exported from a primary.',
    advice: 'Point `MILLRACE_SOURCE_URL` at the primary, or let it name all hosts with `target_session_attrs=read-write`.',
  },
  WAL_LEVEL: {
    action: 'halt',
    summary: 'The server does not write what logical decoding needs into its log.',
    advice: 'Set `wal_level = logical` and restart the server.',
  },
  SLOTS_EXHAUSTED: {
    action: 'halt',
    summary: 'Every replication slot that the server allows is taken.',
    advice: 'Raise `max_replication_slots` and restart the server, or drop a slot that nobody uses (`millrace slot list`).',
  },
  WAL_SENDERS_EXHAUSTED: {
    action: 'retry',
    summary: 'Every walsender that the server allows is taken.',
    advice:
      'It is tried again with back-off. Raise `max_wal_senders` and restart the server, or end another replication connection (`pg_stat_replication` lists them).',
  },
  REPLICATION_PRIVILEGE: {
    action: 'halt',
    summary: 'The role may not open a replication connection.',
    advice:
      'Run `ALTER ROLE ... REPLICATION` as a superuser (on a managed service, grant its replication role), and admit the role in `pg_hba.conf`.',
  },
  TABLES_SYNTAX: {
    action: 'fix-config',
    summary: '`MILLRACE_TABLES` holds a pattern that cannot be read.',
    advice: 'Write `schema.table`, `*` and `?` as wildcards, anything else but letters, digits, `_`, `$` and `-` in double quotes.',
  },
  TABLES_NO_MATCH: {
    action: 'fix-config',
    summary: 'A pattern of `MILLRACE_TABLES` matches no table of the database.',
    advice: 'Correct the pattern; the message names what comes near. Names are compared as the catalogue spells them, capitals included.',
  },
  TABLE_UNSUPPORTED: {
    action: 'fix-config',
    summary: '`MILLRACE_TABLES` names something that has no changes in the log: a view, a foreign, unlogged, temporary or system table.',
    advice: 'Name the tables behind it, or take it out.',
  },
  SIGNAL_TABLE_UNSUITABLE: {
    action: 'fix-config',
    summary: 'The table of `MILLRACE_SIGNAL_TABLE` does not exist, is no ordinary table, or lacks a column.',
    advice: 'Run the statement in the message, or leave the option out.',
  },
  SIGNAL_TABLE_UNPUBLISHED: {
    action: 'warn',
    summary: 'The signal table left the publication, or was dropped, while the changefeed ran: its rows no longer come.',
    advice:
      'Add it to the publication again: `ALTER PUBLICATION ... ADD TABLE ...`. What was inserted meanwhile has to be inserted once more.',
  },
  SIGNAL_INVALID: {
    action: 'warn',
    summary: 'A row of the signal table says nothing that Millrace understands; it is passed over.',
    advice: 'Insert another row: `docs/snapshots.md` says what its columns hold.',
  },
  PUBLICATION_PRIVILEGE: {
    action: 'halt',
    summary: 'The role may not create or alter the publication for the selected tables.',
    advice: 'Have the owner of the tables or a superuser run the statement in the message; Millrace then uses that publication.',
  },
  PUBLICATION_MISSING: {
    action: 'halt',
    summary: 'The publication is gone though the slot stands: what the slot holds was not, or cannot be, read through it.',
    advice: 'Start anew: `millrace slot drop` and `millrace position reset`. Changes since the stored position are then not exported.',
  },
  PUBLICATION_RECREATED: {
    action: 'halt',
    summary: 'The publication was dropped and made again since the last run; what was changed in between is not published.',
    advice: 'Start anew: `millrace slot drop` and `millrace position reset`. Changes since the stored position are then not exported.',
  },
  PUBLICATION_INCOMPLETE: {
    action: 'halt',
    summary: 'The publication, which Millrace did not create and so does not alter, does not cover the selected tables.',
    advice: 'Run the ALTER PUBLICATION that the message gives, or change `MILLRACE_TABLES`.',
  },
  PUBLICATION_LOCKED: {
    action: 'retry',
    summary: 'A table could not be added to the publication because a transaction holds it.',
    advice: 'The changefeed tries again by itself; the message names the transactions that hold the table.',
  },
  SLOT_FOREIGN: {
    action: 'halt',
    summary: 'A slot of that name exists, and no checkpoint says that it is ours.',
    advice:
      'Choose another name (`MILLRACE_SLOT`), drop it (`millrace slot drop`), or take it over from where it stands (`MILLRACE_SLOT_ADOPT=true`).',
  },
  SLOT_UNSUITABLE: {
    action: 'halt',
    summary:
      'The slot cannot serve: it is physical, temporary, two-phase, of another database, or decodes with another plugin than pgoutput.',
    advice: 'Choose another name (`MILLRACE_SLOT`), or drop the slot and let Millrace create it.',
  },
  SLOT_ACTIVE: {
    action: 'retry',
    summary: 'Another connection reads from the slot.',
    advice:
      'If it is an earlier Millrace whose end the server has not noticed, the next attempt succeeds; else stop the reader that the message names.',
  },
  SLOT_LOST: {
    action: 'halt',
    summary: 'The server has invalidated the slot: changes that were not exported are gone.',
    advice: 'Start anew with `millrace slot drop` and `millrace position reset`, and raise the limit that the message names.',
  },
  SLOT_MISSING: {
    action: 'halt',
    summary:
      'The slot that the checkpoint belongs to does not exist: it was dropped, or a failover went to a server that does not have it.',
    advice: 'Changes since the stored position are lost to the stream. `millrace position reset` starts anew with a new slot.',
  },
  SLOT_AHEAD: {
    action: 'halt',
    summary:
      'The slot has moved beyond the stored position: it was dropped and made again, something else read from it, or old state was put back.',
    advice: 'Put the right state directory back, or accept the gap with `millrace position reset`, which starts where the slot stands.',
  },
  SLOT_CHANGED: {
    action: 'halt',
    summary: 'The checkpoint belongs to another slot or publication than the options name.',
    advice:
      'Set `MILLRACE_SLOT` and `MILLRACE_PUBLICATION` back, give the changefeed another name, or start anew with `millrace position reset`.',
  },
  SYSTEM_CHANGED: {
    action: 'halt',
    summary: 'The checkpoint was made on another database cluster or database: its position means nothing here.',
    advice: 'Point `MILLRACE_SOURCE_URL` back, or start anew here with `millrace position reset`.',
  },
  TIMELINE_SWITCHED: {
    action: 'halt',
    summary:
      'The server continued, after a promotion or a recovery, from a point before the stored position, or before the snapshot of the rows that were read: what was exported does not exist on it.',
    advice: 'Kafka holds what the database lost. Reconcile the consumers, then `millrace position reset` to go on where the slot stands.',
  },
  POSITION_BEYOND_END: {
    action: 'halt',
    summary:
      "The stored position lies beyond the end of the server's log: the server was restored from a backup, or the state is not its own.",
    advice: 'Point `MILLRACE_SOURCE_URL` at the right server, or go on where the slot stands with `millrace position reset`.',
  },
  WAL_REMOVED: {
    action: 'halt',
    summary: 'A part of the log that the slot needs has been removed from the server.',
    advice: 'Start anew with `millrace slot drop` and `millrace position reset`; nothing but PostgreSQL may delete from `pg_wal`.',
  },

  // The connection and the stream.
  SOURCE_URL_INVALID: {
    action: 'fix-config',
    summary: '`MILLRACE_SOURCE_URL` cannot be read, or asks for something that is not supported.',
    advice:
      'Write `postgresql://user:password@host:5432/database?sslmode=verify-full`, or `mariadb://user:password@host:3306?ssl-mode=VERIFY_IDENTITY`; characters such as `@`, `/`, `:` in a name or password as `%40`, `%2F`, `%3A`.',
  },
  SERVER_UNREACHABLE: {
    action: 'retry',
    summary: 'The server cannot be reached, or starts, stops or recovers.',
    advice: 'The source tries again with back-off. If it goes on, check host, port and firewall.',
  },
  CONNECTIONS_EXHAUSTED: {
    action: 'retry',
    summary: 'The server, the database or the role has no room for another connection.',
    advice:
      'It is tried again with back-off. The message says which limit was met: `max_connections` less what is reserved, or the `CONNECTION LIMIT` of the role or the database. Millrace needs one ordinary connection and one walsender.',
  },
  CONNECTION_LOST: {
    action: 'retry',
    summary: 'The connection to the server ended or went dead while it was in use.',
    advice: 'The source connects again by itself and goes on after the last whole transaction.',
  },
  LOGIN_REFUSED: {
    action: 'halt',
    summary: 'The server refused user, password, database or encryption.',
    advice:
      "Check user and password (or the password file), the lines of `pg_hba.conf`, and `sslmode`; of MariaDB and MySQL the host and the plug-in of the account; the message holds the server's own words.",
  },
  TLS_FAILED: {
    action: 'halt',
    summary: 'No encrypted connection could be made: the server offers none, or its certificate is not trusted or not for this host.',
    advice:
      'Give the authority that signed the certificate (`sslrootcert=/path/ca.pem`, of MariaDB and MySQL `ssl-ca=/path/ca.pem`) and the host name that it is for.',
  },
  SESSION_SETTINGS: {
    action: 'halt',
    summary: 'The replication connection does not have the settings that the text form of values depends on.',
    advice: 'A proxy or pooler between Millrace and the server drops start-up options: connect to the server itself.',
  },
  STREAM_REFUSED: {
    action: 'retry',
    summary: 'The server ended the stream with an error of its own.',
    advice: "The message holds the server's words. If it comes again at the same position, the server's log tells more.",
  },
  STREAM_PROTOCOL: {
    action: 'retry',
    summary: 'The server sent bytes that are not the replication protocol.',
    advice:
      'The capture restarts from its checkpoint. If it comes again, a proxy may be damaging the stream; else please report it with the log.',
  },
  STREAM_DIVERGED: {
    action: 'retry',
    summary: 'After a reconnect the server sent another transaction than the one whose first rows had been read.',
    advice: 'The capture restarts from its checkpoint, so that nothing is lost.',
  },
  SCHEMA_UNKNOWN: {
    action: 'halt',
    summary: 'A table was changed after the rows that are being read, and the catalogue no longer tells what its key or a type was then.',
    advice:
      'Leave the table out (`MILLRACE_TABLES`) until its old rows have passed. Changing keys while the changefeed is not behind avoids it.',
  },
  TEXT_NOT_UTF8: {
    action: 'halt',
    summary:
      'A value, or a name, of a database without a usable character set (SQL_ASCII) is not UTF-8, or the server cannot convert it to UTF-8.',
    advice: 'Correct the value in the database and reset the position, or leave the table out.',
  },
  ROW_TOO_LARGE: {
    action: 'halt',
    summary: 'A row is larger than a quarter of the memory budget, or than MILLRACE_BUFFER_MEMORY.',
    advice: 'Raise `MILLRACE_MEMORY` to more than four times the size in the message, or leave the table out (`MILLRACE_TABLES`).',
  },
  ROW_UNSENDABLE: {
    action: 'halt',
    summary:
      'The server itself cannot send a row: in text form it, or one of its values, is larger than the 1 GB that the server has buffers for.',
    advice:
      'A `bytea` is twice as long in text form. While tables are read: make the value smaller, or leave the table out. In the stream the row stays in the log: either start anew with `millrace slot drop` ' +
      'and `millrace position reset`, or pass its transaction over, which is then not exported: `SELECT pg_replication_slot_advance(slot, LSN behind its commit)`, then `millrace position reset`.',
  },
  POSITION_INVALID: {
    action: 'halt',
    summary: 'A stored or given position is not one of this source.',
    advice:
      'Positions look like `16/B374D848` and belong to a slot, or like `0-1-5` or `uuid:1-5` with `mysql-bin.000001:4567`; `millrace position show` prints the stored one.',
  },
} satisfies Record<string, CodeEntry>;
