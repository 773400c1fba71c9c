import type { RetryPolicy } from '../../base/retry.ts';
import type { KeyFormat } from '../../dispatch/key.ts';
import type { PlacementRule } from '../../dispatch/placement.ts';
import type { EncoderOptions } from '../../encode/encoder.ts';
import type { StartOption } from '../../source/mysql/start-option.ts';
import type { TableName } from '../../source/tables.ts';

/** Bytes in a megabyte as Millrace counts them everywhere: 10^6. */
export const MEGABYTE = 1_000_000;

export type SyncMode = 'FULL' | 'INCREMENTAL' | 'FULL + INCREMENTAL';
export type KeyChangeStyle = 'update' | 'delete-insert';
export type SchemaNameStyle = 'auto' | 'bare' | 'qualified';
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'json' | 'pretty';

/** Where changes come from. */
export type SourceConfig = PostgresSourceConfig | BinlogSourceConfig;

interface AnySourceConfig {
  /** `postgres://user:password@host:port/database?sslmode=...`, everything that was given merged into it; a secret. */
  readonly url: string;
  /** File of the password, which may change while the service runs; null where it was given otherwise. */
  readonly passwordFile: string | null;
  /** Patterns as they were given, in their order; never empty. */
  readonly tables: readonly string[];
}

export interface PostgresSourceConfig extends AnySourceConfig {
  readonly kind: 'postgres';
  readonly slot: string;
  readonly publication: string;
  /** Changes of partitions go out as those of the table that they belong to. */
  readonly partitionRoot: boolean;
  /** Its inserted rows are orders to read tables; null without one. */
  readonly signalTable: TableName | null;
  /** True: take over a slot that exists and that no state file names. */
  readonly slotAdopt: boolean;
  /** Wildcards mean materialized views, too, when tables are read. */
  readonly mviews: boolean;
}

/** MariaDB or MySQL: the URL says which is expected, the server which it is. */
export interface BinlogSourceConfig extends AnySourceConfig {
  readonly kind: 'binlog';
  /** Under which the changefeed registers as a replica. */
  readonly serverId: number;
  /** Where a changefeed without a checkpoint begins. */
  readonly startPosition: StartOption;
  /** To connect and log in, and how long the stream may be silent; null: what the URL says. */
  readonly timeoutMs: number | null;
  /** What becomes of a column whose type nobody can tell any more. */
  readonly ambiguousTypes: 'error' | 'raw';
  /** Zone in which TIMESTAMP is written. */
  readonly zone: string;
}

/** How rows that are there already are read. */
export interface SnapshotConfig {
  readonly connections: number;
  /** A table larger than this is cut into units of about this size. */
  readonly unitBytes: number;
  /** Log that the slot may hold back meanwhile; null for no limit. */
  readonly walLimitBytes: number | null;
  /** At that limit the slot is dropped, not kept. */
  readonly walLimitDrops: boolean;
}

/** Where messages go. */
export interface KafkaConfig {
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly autoCreateTopic: boolean;
  /** Where rows go that cannot be sent; a topic or a template. Null: they stop the changefeed. */
  readonly deadLetterTopic: string | null;
  /** Null: 3 for a topic that Millrace creates, the actual count of an existing one. */
  readonly partitionNum: number | null;
  /** Null: the broker's default. */
  readonly replicationFactor: number | null;
  readonly keyFormat: KeyFormat;
  readonly placement: PlacementRule;
  /** Limit of a message in bytes besides the topic's own; null when none was given. */
  readonly maxMessageBytes: number | null;
  /** Limit of librdkafka's queue in bytes, within the memory budget; null for all that the budget leaves. */
  readonly bufferMemoryBytes: number | null;
  /**
   * Everything for `rd_kafka_conf_set` of any client: options, pass-through and guarantees merged.
   * The producer adds only its `queue.buffering.max.*` (from the memory budget) and `transactional.id`. Holds secrets.
   */
  readonly properties: Readonly<Record<string, string>>;
  /** Files that secrets among `properties` came from, by property: read anew at each start of a capture and when they change. */
  readonly secretFiles: Readonly<Record<string, string>>;
  /** File that holds the token of OAUTHBEARER; null without one. */
  readonly tokenFile: string | null;
  /** krb5.conf to use in place of the system's; null for that one. */
  readonly kerberosConfig: string | null;
}

/** Where the service is watched and steered. */
export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  /** What callers have to know; null when there is no login. A secret. */
  readonly token: string | null;
  /** Files of certificate and key; null for plain HTTP. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  /** Names under which the service is asked besides its own, in lower case. */
  readonly hosts: readonly string[];
}

/** What `millrace run` is given: one service and its changefeeds. */
export interface ServiceConfig {
  /** At least one; no two of one name. */
  readonly changefeeds: readonly [Config, ...Config[]];
  /** Null when it is off. */
  readonly http: HttpConfig | null;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** As those of a changefeed: of the service, and what all of several changefeeds have. */
  readonly warnings: readonly string[];
}

/** That of a changefeed of PostgreSQL. */
export type PostgresConfig = Config & { readonly source: PostgresSourceConfig };

/** That of a changefeed of MariaDB or MySQL. */
export type BinlogConfig = Config & { readonly source: BinlogSourceConfig };

/** All of one changefeed's configuration: frozen, plain JSON data, sent to the capture process as its first message. */
export interface Config {
  /** The changefeed's name, part of the state directory's files and of default names. */
  readonly changefeed: string;
  readonly syncMode: SyncMode;
  readonly source: SourceConfig;
  readonly snapshot: SnapshotConfig;
  /** What a message looks like; it crosses to the encoder workers as it is. */
  readonly format: EncoderOptions;
  /** Messages of a table that is ordered to be read tell of a bootstrap. */
  readonly bootstrapTypes: boolean;
  /** What an update of the key becomes. */
  readonly keyChange: KeyChangeStyle;
  /** How `table` in a message names a table of a schema other than `public`. */
  readonly schemaName: SchemaNameStyle;
  readonly kafka: KafkaConfig;
  /** Encoder worker threads. */
  readonly workers: number;
  /** One budget in bytes for rings, librdkafka's queue and the side path. */
  readonly memoryBytes: number;
  /** Absolute path. */
  readonly stateDir: string;
  /** Topic of the checkpoint; null for the state directory. */
  readonly checkpointTopic: string | null;
  /** Longest time between two stored checkpoints while rows flow. */
  readonly checkpointIntervalMs: number;
  /** How long a shutdown may drain before it is cut off. */
  readonly shutdownTimeoutMs: number;
  /** How long the capture process may be silent. */
  readonly captureTimeoutMs: number;
  readonly retry: RetryPolicy;
  /** Bench only: file that gets 16 bytes for each delivered message; null otherwise. */
  readonly stampsPath: string | null;
  /** Told once at start: what was accepted and may surprise. */
  readonly warnings: readonly string[];
}
