import type { RetryPolicy } from '../base/retry.ts';
import type { Position } from '../change/position.ts';
import type { RowSink } from '../change/row-sink.ts';
import type { MovedRow, SnapshotRecord, SnapshotSink, UnitLimit } from '../change/snapshot.ts';
import type { SourceBinding } from '../change/source-binding.ts';
import type { ReadOrder } from '../change/table-read.ts';
import type { Bootstrap, TableSchema } from '../change/table-schema.ts';

/** What a source tells while it runs, besides rows; the cold side. */
export interface SourceEvents {
  warn(code: string, message: string, details?: Record<string, string | number | boolean | null>): void;
  info(message: string, details?: Record<string, string | number | boolean | null>): void;
}

/** A table under the name that its rows will have in messages. */
export interface StreamedTable {
  /** As a message's `database` names it. */
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  /** It has a primary key or a replica identity index, so that its messages have a key. */
  readonly isKeyed: boolean;
}

/** A database that is ready to be read. */
export interface OpenedSource {
  /** `host:port/database`, or what of it there is. */
  readonly instance: string;
  /** As the server writes it. */
  readonly version: string;
  /** The selected tables, `schema.table`. */
  readonly tables: readonly string[];
  readonly binding: SourceBinding;
  /** What is read before the stream; null when nothing is. */
  readonly snapshot: SnapshotSource | null;
  /** Tables whose rows are to be read beside the stream, since they are new to the changefeed: `schema.table`. */
  readonly joining: readonly string[];
  /** Null when no stream follows. */
  readonly stream: OpenedStream | null;
  close(): Promise<void>;
}

export interface OpenedStream {
  readonly position: Position;
  /** It begins with this start: what came before is not exported. */
  readonly isNew: boolean;
  /** Makes the source; called once. */
  begin(settings: StreamSettings): BegunStream;
}

export interface BegunStream {
  readonly source: Source;
  /** Plans how a table is read beside the stream; null where none can be. */
  readonly readTable: ((request: TableReadRequest) => Promise<TableReadSource>) | null;
}

/** What a stream needs of those who take what it gives. */
export interface StreamSettings {
  readonly events: SourceEvents;
  /** A row that takes more bytes in the log ends the stream with an error: a quarter of the memory budget. */
  readonly rowBytesMax: number;
  /** A table that is read beside the stream is cut to pieces of about this size. */
  readonly chunkBytes: number;
  /** When a lost connection is made again, and when no more. */
  readonly retry: RetryPolicy;
  /** A table joins the changefeed, and its rows are to be read; null where they are not. */
  readonly onJoin: ((table: string) => void) | null;
  /** An order came through the stream. */
  readonly order: (order: ReadOrder) => void;
}

/** A table that is to be read beside the stream. */
export interface TableReadRequest {
  /** `schema.table` */
  readonly table: string;
  readonly where: string | null;
  /** What its messages are to tell of; null where its rows go out as those of a snapshot. */
  readonly bootstrap: Bootstrap | null;
  /** What an earlier run left of it; null when it begins. */
  readonly stored: SnapshotRecord | null;
  /** Rows that got another key since it was begun to be read. */
  readonly moved: () => readonly MovedRow[];
}

/** What every source offers. `source.ack` is called by `checkpoint/` alone, after the position is stored. */
export interface Source {
  /**
   * Streams from after `from` until `stop`. Resolves when stopped; rejects with a `MillraceError` when it cannot go on.
   * Lost connections are its own affair: it reconnects with back-off and resumes after the last whole transaction.
   */
  stream(from: Position, sink: RowSink): Promise<void>;
  /** Room in the rings again: go on where a sink call returned false. */
  resume(): void;
  /** Confirms to the source that everything up to `position` is delivered and stored. */
  ack(position: Position): void;
  /**
   * Reads no more rows, from the end of the open transaction on or at once. The connection stays open and keepalives are answered, so that
   * what is under way can still be confirmed.
   */
  halt(atOnce: boolean): void;
  /** After `halt`: no more rows come. */
  readonly hasHalted: boolean;
  /** Ends the stream: the last acknowledged position is confirmed before the connection closes. `stream` resolves. */
  stop(): Promise<void>;
  /** The position that the two words of `RowSink.commit` and `RowSink.idle` stand for. */
  positionOf(high: number, low: number): Position;
  status(): SourceStatus;
}

/** For metrics, readiness and the progress line. Numbers are gauges at the time of the call. */
export interface SourceStatus {
  /** What was read up to, in the source's own notation; null before the first. */
  readonly position: string | null;
  readonly connected: boolean;
  /** Milliseconds since anything came from the server. */
  readonly silentMs: number;
  /** True while a sink call has returned false and not been repeated. */
  readonly stalled: boolean;
  /** Bytes of log between the server's end and what was read; null when unknown. */
  readonly lagBytes: number | null;
  /** Transactions between the two; null where they have no numbers, or when unknown. */
  readonly lagTransactions: number | null;
  /** Null where the log has no files, or before the first. */
  readonly log: LogStatus | null;
  /** Milliseconds that the server's clock is ahead of ours (`steadyClock`); 0 while unknown. */
  readonly clockAheadMs: number;
  /** Bytes of log that the server keeps for us; null when unknown. */
  readonly heldBytes: number | null;
  /** Bytes of log that can still be written until the server may drop what it keeps for us; null without a limit, or when unknown. */
  readonly spareBytes: number | null;
  readonly receivedBytes: number;
  readonly transactions: number;
  readonly reconnects: number;
}

/** Up to where a log of files was read, and what the server keeps of it. */
export interface LogStatus {
  /** `mysql-bin.000123` */
  readonly file: string;
  /** 123 of it. */
  readonly fileNumber: number;
  readonly offset: number;
  /** GTIDs up to there; empty where transactions have none. */
  readonly gtid: string;
  /** Bytes of all files of the log; null when unknown. */
  readonly keptBytes: number | null;
  /** Seconds after which the server removes a file of it; 0 for never, null when unknown. */
  readonly expireSeconds: number | null;
}

/** The rows that are in the tables already, as a source offers them: read once, before the stream. */
export interface SnapshotSource {
  /** What is read, and what of it an earlier run has done. */
  readonly record: SnapshotRecord;
  /** By unit: how many rows the server expects it to have; 0 when it cannot tell. */
  readonly expectedRows: readonly number[];
  /** To what may be under way of it. */
  readonly limit: UnitLimit;
  /** When the snapshot was taken, by the server's clock: microseconds since 1970. */
  readonly micros: bigint;
  /** Gives all units that are not done to the sink. Resolves when they are all given, or after `stop`; rejects when it cannot go on. */
  read(sink: RowSink & SnapshotSink): Promise<void>;
  /** Room again: go on where a sink call returned false. */
  resume(): void;
  /** Reads no more, at once. */
  stop(): void;
  close(): Promise<void>;
  status(): SnapshotSourceStatus;
}

/** A table that is read beside the stream. */
export interface TableReadSource extends SnapshotSource {
  /** What its rows go out as: one, or one for each partition that does under its own name. */
  readonly schemas: readonly TableSchema[];
}

export interface SnapshotSourceStatus {
  /** True while a sink call has returned false and not been repeated. */
  readonly stalled: boolean;
  readonly receivedBytes: number;
  /** Log that the server keeps for the stream that follows; null when none does, or before it was asked for. */
  readonly heldBytes: number | null;
}
