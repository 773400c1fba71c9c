import { optional, withDefault, type Option } from './option.ts';
import { columnPatterns, timestampPattern, zone } from './parse-format.ts';
import { boolean, choice, integer } from './parse.ts';

/** What messages hold besides the form and the old values, in the order of the documentation: a part of `OPTIONS`. */
export const MESSAGE_OPTIONS = {
  timestampFormat: withDefault(timestampPattern(), 'yyyy-MM-dd HH:mm:ss.SSSSSS', {
    name: 'TIMESTAMP_FORMAT',
    group: 'Messages',
    meaning:
      'Form of `timestamptz` and `timestamp` values: a pattern of Java with the letters y M d H m s S and quoted text. ' +
      'Years before our era end in ` BC`; no year has a sign. Keys keep the default.',
  }),
  timezoneConversionSourceTimezone: optional(zone(), 'none: `timestamp` values go out as they are', {
    name: 'TIMEZONE_CONVERSION_SOURCE_TIMEZONE',
    group: 'Messages',
    meaning: 'Zone whose clock `timestamp` columns (without zone) hold; their values are then written in MILLRACE_ZONE_ID.',
  }),
  timezoneConversionPreserveOriginal: withDefault(boolean(), 'false', {
    name: 'TIMEZONE_CONVERSION_PRESERVE_ORIGINAL',
    group: 'Messages',
    meaning:
      'Keep an offset behind `timestamptz` values, that of MILLRACE_ZONE_ID at their time, as PostgreSQL prints it: `+08`, `+05:30`.',
  }),
  keyChange: optional(choice(['update', 'delete-insert']), 'update; delete-insert with kv-json', {
    name: 'KEY_CHANGE',
    group: 'Messages',
    meaning:
      'What an update of the key becomes: one `update` under the new key, or a delete under the old key, then an insert under the new one; ' +
      'these may go to two partitions. kv-json: only delete-insert.',
  }),
  kvJsonDelete: withDefault(choice(['tombstone', 'key']), 'tombstone', {
    name: 'KV_JSON_DELETE',
    group: 'Messages',
    meaning:
      'A delete in kv-json: `tombstone`, a message without a value, at which compaction forgets the key; or an object of the `key` columns.',
  }),
  bootstrapTypes: withDefault(boolean(), 'false', {
    name: 'BOOTSTRAP_TYPES',
    group: 'Messages',
    meaning:
      'A table that is ordered to be read again goes out as `bootstrap-insert` between a `bootstrap-start` and a `bootstrap-complete`, ' +
      'as with Maxwell, instead of as `insert`. Only with maxwell.',
  }),
  outputNulls: withDefault(boolean(), 'true', {
    name: 'OUTPUT_NULLS',
    group: 'Messages',
    meaning: 'Write columns that are null.',
  }),
  excludeColumns: optional(columnPatterns(), 'none', {
    name: 'EXCLUDE_COLUMNS',
    group: 'Messages',
    meaning:
      'Columns that are left out of the row (`data` and `old`), in all tables: names and `/regular expressions/` of whole names, separated by commas. ' +
      'Keys and `primary_key` keep them.',
  }),
  outputCommitInfo: withDefault(boolean(), 'true', {
    name: 'OUTPUT_COMMIT_INFO',
    group: 'Messages',
    meaning: 'Write `xid`, and `commit` at the last row of a transaction.',
  }),
  outputPrimaryKeyColumns: withDefault(boolean(), 'false', {
    name: 'OUTPUT_PRIMARY_KEY_COLUMNS',
    group: 'Messages',
    meaning: 'Write `primary_key_columns`, the names of the columns of the primary key.',
  }),
  outputBinlogPosition: withDefault(boolean(), 'false', {
    name: 'OUTPUT_BINLOG_POSITION',
    group: 'Messages',
    meaning: "Write `position`, the row's place in the log: its LSN; of MariaDB and MySQL `mysql-bin.000123:4567`, file and offset.",
  }),
  binlogPositionFormat: withDefault(choice(['lsn', 'decimal']), 'lsn', {
    name: 'BINLOG_POSITION_FORMAT',
    group: 'Messages',
    meaning: 'Form of `position`: `"16/B374D848"`, or the same as one decimal number, `"97500059720"`.',
  }),
  outputServerId: withDefault(boolean(), 'false', {
    name: 'OUTPUT_SERVER_ID',
    group: 'Messages',
    meaning:
      'Write `server_id`: of PostgreSQL the number that MILLRACE_SERVER_ID gives, of MariaDB and MySQL that of the server that made the change.',
  }),
  serverId: optional(integer(0, 4_294_967_295), "a number from 2147483648 on that comes from the changefeed's name", {
    name: 'SERVER_ID',
    group: 'Messages',
    meaning:
      'PostgreSQL: the number in `server_id`, since it has none of its own. MariaDB and MySQL: the `server_id` under which Millrace ' +
      'registers as a replica; no other replica of the server may have it.',
  }),
  outputThreadId: withDefault(boolean(), 'false', {
    name: 'OUTPUT_THREAD_ID',
    group: 'Messages',
    meaning:
      'Write `thread_id`, which session made the change, where the log tells it: that of MySQL does; with PostgreSQL it is always 0, ' +
      'and messages of MariaDB do not have it.',
  }),
  outputGtidPosition: withDefault(boolean(), 'false', {
    name: 'OUTPUT_GTID_POSITION',
    group: 'Messages',
    meaning: 'MariaDB and MySQL: write `gtid`, the transaction by its GTID; null where it has none.',
  }),
  outputNullZerodates: withDefault(boolean(), 'false', {
    name: 'OUTPUT_NULL_ZERODATES',
    group: 'Messages',
    meaning:
      'MariaDB and MySQL: write a date of which year, month or day is zero as null; else as zeros all over, `0000-00-00 00:00:00`. ' +
      'Keys have the zeros.',
  }),
  outputSchemaId: withDefault(boolean(), 'false', {
    name: 'OUTPUT_SCHEMA_ID',
    group: 'Messages',
    meaning: 'Write `schema_id`, which counts the versions of all tables from 1 on.',
  }),
  outputPushTimestamp: withDefault(boolean(), 'false', {
    name: 'OUTPUT_PUSH_TIMESTAMP',
    group: 'Messages',
    meaning:
      'Write `push_ts`, when the message was made, in seconds. It is the only value that differs when a row is sent again after a crash.',
  }),
  outputNamingStrategy: withDefault(choice(['none', 'underscore_to_camelcase']), 'none', {
    name: 'OUTPUT_NAMING_STRATEGY',
    group: 'Messages',
    meaning:
      'Names of fields and columns in messages of maxwell: as they are, or `underscore_to_camelcase`: `primary_key` is `primaryKey`. ' +
      'Keys and the values of `primary_key_columns` stay as they are.',
  }),
} as const satisfies Record<string, Option<unknown>>;
