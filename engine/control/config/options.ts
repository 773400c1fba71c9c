import { TABLES_HELP } from '../../source/tables.ts';
import { BINLOG_OPTIONS } from './options-binlog.ts';
import { DEAD_LETTER_OPTIONS } from './options-dead-letters.ts';
import { HTTP_OPTIONS } from './options-http.ts';
import { MESSAGE_OPTIONS } from './options-messages.ts';
import { optional, required, withDefault, type Option, type ValueOf } from './option.ts';
import { PLACEMENT_OPTIONS } from './options-placement.ts';
import { PRODUCER_OPTIONS } from './options-producer.ts';
import { RETRY_OPTIONS } from './options-retry.ts';
import { SECURITY_OPTIONS } from './options-security.ts';
import { STATE_OPTIONS } from './options-state.ts';
import { zone } from './parse-format.ts';
import { boolean, brokers, bytes, choice, duration, integer, path, text } from './parse.ts';
import { sourceUrl, tableName, tables } from './parse-source.ts';
import { topicTemplate } from './parse-topic.ts';

/** Less memory is enough for no changefeed. */
export const MEMORY_LEAST = 32_000_000;

const SOON = 'is not supported yet;';
const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9_-]{0,46}[a-z0-9])?$/;

/** Every option, once, in the order of the documentation. */
export const OPTIONS = {
  changefeed: withDefault(text('lower-case letters, digits, - and _, at most 48', NAME_PATTERN), 'default', {
    name: 'CHANGEFEED',
    group: 'Source',
    meaning:
      'Name of the changefeed: part of its state file and of the default names of slot and publication. In a file with several, the one that is meant.',
  }),
  sourceUrl: required(sourceUrl(), {
    name: 'SOURCE_URL',
    group: 'Source',
    secret: true,
    meaning:
      'The database, as a libpq URL: `postgres://user:password@host:5432/database`. `sslmode`, `sslrootcert`, `sslcert`, `sslkey` ' +
      'and the other parameters of libpq go behind the `?`; `host=/run/postgresql` is a Unix socket. MariaDB and MySQL: ' +
      '`mariadb://user:password@host:3306` or `mysql://...`, with `ssl-mode`, `ssl-ca`, `ssl-cert`, `ssl-key`, `socket` and `timeout` behind the `?`.',
  }),
  sourcePassword: optional(text(), 'the password of the URL, else of the password file', {
    name: 'SOURCE_PASSWORD',
    group: 'Source',
    secret: true,
    meaning: 'The password, for a URL without one.',
  }),
  syncMode: required(choice(['FULL', 'INCREMENTAL', 'FULL + INCREMENTAL']), {
    name: 'SYNC_MODE',
    group: 'Source',
    meaning:
      'What is exported. FULL: the rows that are in the tables, then it ends. INCREMENTAL: changes from the start of the slot on; ' +
      'rows that were there before are not. FULL + INCREMENTAL: the rows, then every change from that very moment on.',
  }),
  tables: required(tables(), { name: 'TABLES', group: 'Source', meaning: TABLES_HELP }),
  slot: optional(text('lower-case letters, digits and _, at most 63', /^[a-z0-9_]{1,63}$/), '`millrace_` and the changefeed', {
    name: 'SLOT',
    group: 'Source',
    meaning: 'The replication slot. Created when it is missing; never dropped, save by `millrace slot drop`.',
  }),
  publication: optional(text('a name of at most 63 bytes', /^[^\0]{1,63}$/), '`millrace_` and the changefeed', {
    name: 'PUBLICATION',
    group: 'Source',
    meaning: 'The publication. Created for the selected tables when it is missing; a foreign one is verified and never altered.',
  }),
  partitionRoot: withDefault(boolean(), 'true', {
    name: 'PARTITION_ROOT',
    group: 'Source',
    meaning:
      'Changes of partitions go out under the name of their partitioned table; `false`: under their own. For a publication that Millrace creates.',
  }),
  signalTable: optional(tableName(), 'none', {
    name: 'SIGNAL_TABLE',
    group: 'Source',
    meaning:
      'A table with the columns `id`, `kind` and `data` whose inserted rows order Millrace to read a table again, or to stop that. ' +
      'They come through the publication and are not exported.',
  }),
  slotAdopt: withDefault(boolean(), 'false', {
    name: 'SLOT_ADOPT',
    group: 'Source',
    meaning: 'Take over a slot that exists without a checkpoint of ours, from where it stands.',
  }),
  mviews: withDefault(boolean(), 'false', {
    name: 'MVIEWS',
    group: 'Source',
    meaning:
      'Wildcards mean materialized views, too: what they hold is read for FULL and FULL + INCREMENTAL; they have no changes to export. ' +
      'An exact name means one without this, as it does foreign and unlogged tables.',
  }),
  snapshotConnections: withDefault(integer(1, 64), '4', {
    name: 'SNAPSHOT_CONNECTIONS',
    group: 'Source',
    meaning: 'Connections that read tables at the same time, for FULL.',
  }),
  snapshotUnit: withDefault(bytes(8192, 1_000_000_000_000), '128MB', {
    name: 'SNAPSHOT_UNIT',
    group: 'Source',
    meaning:
      'A table with a key that is larger than this is read in units of about this size: what several connections share, and what a restart reads again.',
  }),
  snapshotWalLimit: optional(bytes(1_000_000, 1_000_000_000_000_000), 'no limit', {
    name: 'SNAPSHOT_WAL_LIMIT',
    group: 'Source',
    meaning: 'While tables are read for FULL + INCREMENTAL, the slot holds back the log: at so much of it the changefeed stops.',
  }),
  snapshotWalAction: withDefault(choice(['keep', 'drop']), 'keep', {
    name: 'SNAPSHOT_WAL_ACTION',
    group: 'Source',
    meaning: 'What becomes of the slot at that limit: `keep` lets a start with a higher limit go on, `drop` frees the disk.',
  }),

  ...BINLOG_OPTIONS,

  sinkUri: optional(text(), 'none', {
    name: 'SINK_URI',
    group: 'Kafka',
    secret: true,
    meaning:
      'Brokers, topic and options of this group in one, as TiCDC writes them: `kafka://user:password@host1:9092,host2:9092/topic?name=value&...`, ' +
      'special characters percent-encoded. Command line and environment win over it, and it wins over the file.',
  }),
  bootstrapServers: required(brokers(), {
    name: 'BOOTSTRAP_SERVERS',
    aliases: ['KAFKA_BOOTSTRAP_SERVERS', 'KAFKA_METADATA_BROKER_LIST'],
    group: 'Kafka',
    meaning: 'Brokers to begin with.',
  }),
  topic: required(topicTemplate(), {
    name: 'TOPIC',
    aliases: ['KAFKA_TOPIC'],
    group: 'Kafka',
    meaning:
      'The topic, or a template for several: `%{database}`, `%{schema}`, `%{table}` and `%{type}` (insert, update, delete) stand for those ' +
      'of the row. Topics must exist, unless MILLRACE_AUTO_CREATE_TOPIC is true.',
  }),
  autoCreateTopic: optional(boolean(), 'true with MILLRACE_SINK_URI, else false', {
    name: 'AUTO_CREATE_TOPIC',
    group: 'Kafka',
    meaning: 'Create the topic when it is missing.',
  }),
  partitionNum: optional(integer(1, 8192), '3 for a topic that is created, else what the topic has', {
    name: 'PARTITION_NUM',
    group: 'Kafka',
    meaning: 'Partitions of the topic. An existing topic with another count is an error.',
  }),
  replicationFactor: optional(integer(1, 32_767), "the broker's default", {
    name: 'REPLICATION_FACTOR',
    group: 'Kafka',
    meaning: 'Replicas of a topic that is created.',
  }),
  ...PLACEMENT_OPTIONS,
  ...PRODUCER_OPTIONS,
  ...DEAD_LETTER_OPTIONS,
  ...SECURITY_OPTIONS,

  format: withDefault(choice(['maxwell', 'kv-json'], laterFormats()), 'maxwell', {
    name: 'FORMAT',
    group: 'Messages',
    meaning: 'Form of a message: `maxwell` is the JSON of Maxwell; `kv-json` is the row alone as JSON, a delete a message without a value.',
  }),
  zoneId: withDefault(zone(), 'UTC', {
    name: 'ZONE_ID',
    aliases: ['TIMEZONE_CONVERSION_TARGET_TIMEZONE'],
    group: 'Messages',
    meaning:
      'Zone in which `timestamptz` values are written, in `data`, `old` and `primary_key`; keys have them in UTC. MariaDB and MySQL: that of ' +
      '`TIMESTAMP`, in keys too.',
  }),
  old: optional(choice(['key', 'changed', 'full']), 'key; changed with MariaDB and MySQL', {
    name: 'OLD',
    group: 'Messages',
    meaning:
      '`old` of an update and `data` of a delete: `key` columns with null for the others; only the `changed` columns; the `full` row. ' +
      'The last two need REPLICA IDENTITY FULL of PostgreSQL.',
  }),
  schemaName: withDefault(choice(['auto', 'bare', 'qualified']), 'auto', {
    name: 'SCHEMA_NAME',
    group: 'Messages',
    meaning:
      '`table` of a message: `auto` writes `orders` for schema `public`, else `shop.orders`; ' +
      '`bare` never writes the schema, `qualified` always.',
  }),
  outputPrimaryKeys: optional(boolean(), 'true; false with MariaDB and MySQL, and with a preset that says so', {
    name: 'OUTPUT_PRIMARY_KEYS',
    group: 'Messages',
    meaning: 'Write `primary_key`, the values of the primary key.',
  }),
  outputXoffset: optional(boolean(), 'false; true with MariaDB and MySQL', {
    name: 'OUTPUT_XOFFSET',
    group: 'Messages',
    meaning: "Write `xoffset`, the row's number within its transaction.",
  }),
  ...MESSAGE_OPTIONS,
  preset: optional(choice(['sample-exact']), 'none', {
    name: 'PRESET',
    group: 'Messages',
    meaning: 'A set of defaults. `sample-exact`: messages without `primary_key`.',
  }),

  stateDir: withDefault(path(), 'millrace-state', {
    name: 'STATE_DIR',
    group: 'State and restart',
    meaning:
      'Directory of the checkpoint; it belongs to one process at a time, and must outlive it unless MILLRACE_CHECKPOINT_STORE=topic.',
  }),
  ...STATE_OPTIONS,
  shutdownTimeout: withDefault(duration('s', 0, 3_600_000), '60s', {
    name: 'SHUTDOWN_TIMEOUT',
    group: 'State and restart',
    meaning: 'How long SIGTERM and SIGINT wait for the messages under way to be delivered and the checkpoint stored.',
  }),
  captureTimeout: withDefault(duration('s', 5000, 3_600_000), '60s', {
    name: 'CAPTURE_TIMEOUT',
    group: 'State and restart',
    meaning: 'How long the capture process may say nothing before it is killed and started again; it says something every second.',
  }),
  ...RETRY_OPTIONS,

  workers: optional(integer(1, 64), 'cores - 1, at least 1', {
    name: 'WORKERS',
    group: 'Resources',
    meaning: 'Encoder threads.',
  }),
  memory: withDefault(bytes(MEMORY_LEAST, 64_000_000_000), '160MB', {
    name: 'MEMORY',
    group: 'Resources',
    meaning: 'Budget that rings, the queue of the Kafka producer and oversized rows share; several changefeeds get a part of it each.',
  }),

  ...HTTP_OPTIONS,
  logLevel: withDefault(choice(['trace', 'debug', 'info', 'warn', 'error']), 'info', {
    name: 'LOG_LEVEL',
    group: 'Service',
    meaning: 'Least level that is logged.',
  }),
  logFormat: optional(choice(['json', 'pretty']), 'pretty on a terminal, else json', {
    name: 'LOG_FORMAT',
    group: 'Service',
    meaning: 'Logs go to standard error, one entry a line; `pretty` adds a progress line on a terminal.',
  }),
  config: optional(path(), 'no file', {
    name: 'CONFIG',
    group: 'Service',
    meaning: 'File with options: .toml, .yaml, .yml or .json. Command line and environment win over it.',
  }),

  benchStamps: optional(path(), 'no file', {
    name: 'BENCH_STAMPS',
    group: 'Bench',
    meaning:
      'For latency measurements: gets 16 bytes for each delivered message, ' +
      'the first integer of its key and the monotonic time of its report.',
  }),
} as const satisfies Record<string, Option<unknown>>;

export type OptionKey = keyof typeof OPTIONS;
export type OptionValues = { readonly [K in OptionKey]: ValueOf<(typeof OPTIONS)[K]> };

function laterFormats(): Record<string, string> {
  const names = ['canal-json', 'open-protocol', 'avro', 'maxscale', 'debezium'];
  return Object.fromEntries(names.map((name) => [name, `format ${name} ${SOON}`]));
}
