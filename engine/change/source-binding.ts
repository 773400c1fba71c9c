import type { BinlogPosition, Position, PostgresPosition } from './position.ts';

/**
 * What ties a checkpoint to one place of one server. A position says where; this says of what, so that a start against
 * another server, a re-created slot or a re-created publication is recognised and refused.
 */
export type SourceBinding = PostgresBinding | BinlogBinding;

export interface PostgresBinding {
  readonly kind: 'postgres';
  readonly slot: string;
  /**
   * - `intent`: the slot is about to be created by us; a start that finds it adopts it.
   * - `created`: we created it. `adopted`: an operator did, and told us to use it.
   * - `none`: another had taken the name when we wanted to create it; nothing is ours.
   */
  readonly claim: 'intent' | 'created' | 'adopted' | 'none';
  /** `system_identifier` of the cluster, decimal digits; null after a reset, when any server will do. */
  readonly systemIdentifier: string | null;
  /** Timeline on which the position was reached; null after a reset. */
  readonly timeline: number | null;
  /**
   * Where the log stood when a snapshot was last taken, on that timeline: no row that was read shows anything beyond. It may lie ahead of
   * the position for long. Null when none was taken for a stream to follow.
   */
  readonly snapshotLsn: string | null;
  /** Database by name; null after a reset. */
  readonly database: string | null;
  readonly publication: string;
  /** `pg_publication.oid`: a publication that was dropped and made again has another one. Null after a reset. */
  readonly publicationOid: number | null;
}

/** The server whose log it is; all of it null before the first start and after a reset, when any server will do. */
export interface BinlogBinding {
  readonly kind: 'binlog';
  readonly flavor: 'mariadb' | 'mysql' | null;
  /** MySQL's `server_uuid`; MariaDB has none. */
  readonly serverUuid: string | null;
  /** The server's own `server_id`. */
  readonly serverId: number | null;
}

/** What a start needs of a checkpoint: a position without a binding does not exist, a binding without a position is an intent. */
export interface StoredStart {
  readonly position: Position | null;
  readonly source: SourceBinding;
}

/** The same of one kind of source. */
export interface PostgresStart {
  readonly position: PostgresPosition | null;
  readonly source: PostgresBinding;
}

export interface BinlogStart {
  readonly position: BinlogPosition | null;
  readonly source: BinlogBinding;
}
