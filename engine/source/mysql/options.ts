import type { RetryPolicy } from '../../base/retry.ts';
import type { RowSink } from '../../change/row-sink.ts';
import type { SourceEvents } from '../source.ts';
import type { BinlogParser } from './binlog/parser.ts';
import type { Session } from './connection.ts';
import type { ServerIdentity } from './identity.ts';
import type { LogPosition, TrailGtid } from './trail.ts';
import type { ConnectionSettings } from './url.ts';

/** What the stream needs to know and to ask. */
export interface MysqlSourceOptions {
  readonly settings: ConnectionSettings;
  /** An open ordinary session for the first connection; the source closes it. */
  readonly side: Session;
  readonly server: ServerIdentity;
  readonly serverId: number;
  /** The replica's name in the server's list. */
  readonly replicaName: string;
  /**
   * Places of rows must be right to the byte: they go into messages. From 11.4 on MariaDB's events within transactions do not say where
   * they lie, and their lengths tell only when none is left out.
   */
  readonly exactPlaces: boolean;
  /** An event that must be in memory whole and takes more bytes ends the stream with `EVENT_TOO_LARGE`: a quarter of the memory budget. */
  readonly eventBytesMax: number;
  /** Makes what reads the events, once the stream begins; it calls `passed` with each transaction that was read whole. */
  readonly openParser: (sink: RowSink, passed: (gtid: TrailGtid | null) => void) => BinlogParser;
  /** Looks, after a reconnect, whether this is still the server and log that the position belongs to; throws when it is not. */
  readonly recheck: (side: Session, position: LogPosition) => Promise<ServerIdentity>;
  /** When a lost connection is made again, and when no more. */
  readonly retry: RetryPolicy;
  readonly events: SourceEvents;
}
