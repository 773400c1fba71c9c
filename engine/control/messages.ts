import type { ErrorDetails, ErrorRecord } from '../base/errors.ts';
import type { DeadLetterReason } from '../change/dead-letter.ts';
import type { ReadFailure, ReadOrder, ReadState } from '../change/table-read.ts';
import type { SourceStatus } from '../source/source.ts';
import type { Config, LogLevel } from './config/config.ts';

/**
 * What supervisor and capture say to each other over the fork's IPC channel, as JSON.
 *
 *   supervisor                         capture
 *      │ ── start ───────────────────────▶ │   first message, once
 *      │ ◀──────────── log, warning ────── │   at any time
 *      │ ◀──────────────────── ready ───── │   rows begin to be read, once
 *      │ ◀──────────────────── stats ───── │   about once a second
 *      │ ◀──────────────────── alive ───── │   once a second from the first moment on, whatever it is doing
 *      │ ── order ───────────────────────▶ │   read a table beside the stream, or no longer
 *      │ ── stop ────────────────────────▶ │   drain, store the checkpoint, confirm it
 *      │ ◀───────── finished or error ──── │   last message; the capture then exits
 *
 * A capture whose channel closes exits at once: nobody would restart it, and its successor must find slot and state free.
 */
export type CaptureCommand =
  | ({ readonly type: 'start' } & CaptureStart)
  | { readonly type: 'order'; readonly order: ReadOrder }
  | { readonly type: 'stop' };

/** What a capture is started with. */
export interface CaptureStart {
  readonly config: Config;
  /** Variables that neither process keeps in its environment, because they are secret. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The changefeed ran before in this service, and nobody has asked for a new start: it goes on as it was. */
  readonly isRestart: boolean;
}

export type CaptureMessage =
  | { readonly type: 'alive' }
  | { readonly type: 'ready'; readonly ready: CaptureReady }
  | { readonly type: 'stats'; readonly stats: CaptureStats }
  | { readonly type: 'warning'; readonly code: string; readonly message: string; readonly details: ErrorDetails }
  | { readonly type: 'log'; readonly level: LogLevel; readonly message: string; readonly details: ErrorDetails }
  | { readonly type: 'error'; readonly error: ErrorRecord }
  | { readonly type: 'finished'; readonly finished: CaptureFinished };

/** Rows begin to be read: what that was begun with. */
export interface CaptureReady {
  /** Where the stream starts, in the source's own notation (`0/1A2B3C4`); null when there is none. */
  readonly position: string | null;
  /** True when the slot was created by this start: only changes from now on are exported. */
  readonly slotCreated: boolean;
  /** `host:port/database`. */
  readonly sourceInstance: string;
  readonly sourceVersion: string;
  /** Kafka's cluster id; null when the broker does not tell. */
  readonly kafkaCluster: string | null;
  readonly librdkafkaVersion: string;
  readonly tables: number;
}

/** Gauges at the time of the message and counters since this capture process began; about one message a second. */
export interface CaptureStats {
  /** Rows that the dispatcher took in. */
  readonly rows: number;
  readonly truncates: number;
  /** Messages acknowledged by the broker, and their key and value bytes. */
  readonly delivered: number;
  readonly deliveredBytes: number;
  /** Messages whose delivery failed or that were purged. */
  readonly failed: number;
  /** Messages given to the producer without a report yet. */
  readonly inFlight: number;
  /** Database's clock minus the commit time of the oldest unacknowledged transaction; 0 when none. */
  readonly lagSeconds: number;
  /** That commit time, in milliseconds since 1970 by the database's clock; null when everything is acknowledged. */
  readonly oldestCommitMs: number | null;
  /** Rows that were acknowledged since the changefeed was created, as the checkpoint has them. */
  readonly rowsExported: number;
  /** Rows that went to the dead-letter topic, by reason; reasons that there were. */
  readonly deadLetters: LetterTotals;
  readonly producer: ProducerStats;
  /** Share of each ring that is in use, 0 to 1, by worker. */
  readonly ringFill: readonly number[];
  /** Epochs that are not delivered yet, the one that is being filled included. */
  readonly epochsOpen: number;
  readonly partitions: readonly PartitionStats[];
  readonly checkpoint: CheckpointStats;
  readonly source: SourceStatus;
  /** Null when no snapshot is being read. */
  readonly snapshot: SnapshotStats | null;
  /** Tables that are read beside the stream, and the last ones that were: the oldest first. */
  readonly reads: readonly ReadStats[];
}

/** A table that is read beside the stream, by an order or because it joined. */
export interface ReadStats {
  readonly id: string;
  /** `schema.table` */
  readonly table: string;
  readonly where: string | null;
  readonly comment: string | null;
  readonly state: ReadState;
  /** Acknowledged and recorded. */
  readonly rows: number;
  /** The server's estimate for the whole table; 0 while it has none. */
  readonly expectedRows: number;
  readonly chunksDone: number;
  /** As many as are expected; 0 while waiting. */
  readonly chunks: number;
  /** Why it failed; null in every other state. */
  readonly error: ReadFailure | null;
}

/** Dead letters by reason. */
export type LetterTotals = Readonly<Partial<Record<DeadLetterReason, number>>>;

/** How far a snapshot is. Expectations are the server's estimates. */
export interface SnapshotStats {
  /** Read so far, by this run and by those before it that it goes on from. */
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly percent: number;
  /** Null while nobody can tell. */
  readonly secondsLeft: number | null;
  /** Log that the slot makes the server keep meanwhile; null without a slot, or before it was asked for. */
  readonly heldBytes: number | null;
  readonly tables: readonly SnapshotTableStats[];
}

export interface SnapshotTableStats {
  /** `schema.table` */
  readonly table: string;
  readonly rows: number;
  readonly percent: number;
  readonly secondsLeft: number | null;
}

export interface PartitionStats {
  readonly topic: string;
  readonly partition: number;
  /** Last acknowledged offset + 1; 0 before the first. */
  readonly offset: number;
  readonly delivered: number;
  readonly deliveredBytes: number;
  readonly inFlight: number;
  /** Rows that were read for it and are not acknowledged. */
  readonly lag: number;
}

export interface ProducerStats {
  /** How full the producer's queue is, 0 to 1: what is under way to the brokers, and what waits for them. */
  readonly queueFill: number;
  /** A quota of the brokers holds it back. */
  readonly throttled: boolean;
  /** Sum of the times for which it was held back, since this capture began. */
  readonly throttledMs: number;
}

export interface CheckpointStats {
  /** Last stored position in the source's own notation. */
  readonly position: string;
  /** Stores since this capture began. */
  readonly stores: number;
  /** Milliseconds since the oldest epoch that is delivered or under way, and not stored, was opened; 0 when all is stored. */
  readonly behindMs: number;
}

/** The capture has drained, or read its tables to their end. */
export interface CaptureFinished {
  /** Last stored position; null when nothing was ever stored. */
  readonly position: string | null;
  /** Rows of each table that are acknowledged and stored of a snapshot; null when there was none. */
  readonly snapshot: readonly TableCount[] | null;
}

export interface TableCount {
  /** `schema.table` */
  readonly table: string;
  /** Decimal digits. */
  readonly rows: string;
}
