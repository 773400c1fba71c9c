import type { CodeEntry } from '../codes.ts';

export const ROW_CODES = {
  TABLE_NAMES_CLASH: {
    action: 'halt',
    summary: 'Two selected tables would have the same name in messages.',
    advice: 'Set MILLRACE_SCHEMA_NAME=qualified, or leave one of them out of MILLRACE_TABLES.',
  },
  ROW_IMAGE_INVALID: {
    action: 'retry',
    summary: 'The bytes of a row do not fit the columns of its table: cut short, too long, or with an unknown mark.',
    advice: 'The capture restarts from its checkpoint and reads the row again. If it happens again, report it with the log.',
  },
  VALUE_INVALID: {
    action: 'halt',
    summary: 'A value does not have the form that its type has in the database.',
    advice:
      'The message names the column. PostgreSQL: check that nothing (ALTER ROLE or ALTER DATABASE ... SET, a proxy) overrides the session ' +
      'settings that Millrace pins (TimeZone, DateStyle, bytea_output ...), or leave the table out. MariaDB, MySQL: the log is damaged, or ' +
      'describes the table wrongly; compare with what `mariadb-binlog -vv` or `mysqlbinlog -vv` prints, and report it.',
  },
  COMPRESSED_DATA_INVALID: {
    action: 'retry',
    summary: 'Compressed data cannot be decompressed: damaged, cut short, or with a larger window than any level of compression asks for.',
    advice: 'The capture restarts from its checkpoint and reads it again. If it happens again, check the log on the server, and report it.',
  },
  COLUMN_TYPE_UNKNOWN: {
    action: 'halt',
    summary: 'The binlog has a column of a type that Millrace does not know, or with metadata that its type cannot have.',
    advice: 'The message names the column. Leave the table out, and report it with the version of the server and SHOW CREATE TABLE.',
  },
  KEY_COLUMN_UNKNOWN: {
    action: 'halt',
    summary: 'The server did not send the value of a column of the message key, so the row cannot be given its key.',
    advice:
      "The table's replica identity does not cover its key: set it to the primary key (ALTER TABLE ... REPLICA IDENTITY DEFAULT) or to FULL. " +
      'Rows written before that stay as they are in the log: reset the position, or leave the table out until they are passed.',
  },
  DELETE_WITHOUT_KEY: {
    action: 'halt',
    summary: 'A row of a table without a key was deleted, and in format kv-json a delete is its key and nothing else.',
    advice: 'Give the table a primary key, leave it out of MILLRACE_TABLES, or use MILLRACE_FORMAT=maxwell, which has the old row.',
  },
  COLUMN_NAMES_CLASH: {
    action: 'halt',
    summary: 'Two columns of a table would have the same name in messages, because of MILLRACE_OUTPUT_NAMING_STRATEGY.',
    advice: 'Set MILLRACE_OUTPUT_NAMING_STRATEGY=none, or leave one of the columns out by MILLRACE_EXCLUDE_COLUMNS.',
  },
  KEY_TOO_LARGE: {
    action: 'halt',
    summary: 'The key of a row is larger than keys may be.',
    advice: 'The message names table, size and limit. Leave the table out, or give it a replica identity with shorter columns.',
  },
  PARTITION_VALUES_TOO_LARGE: {
    action: 'halt',
    summary: 'The values of the partition columns of a row are larger than they may be.',
    advice:
      'The message names table, size and limit. Take shorter columns for MILLRACE_PARTITION_COLUMNS. The next start meets the same row.',
  },
} satisfies Record<string, CodeEntry>;
