import type { ClientBase } from 'pg';

/** Which server this is, and what of its settings a start depends on. */
export interface ServerIdentity {
  /** As `SHOW server_version` writes it. */
  readonly version: string;
  /** As `server_version_num` counts, 150018. */
  readonly versionNumber: number;
  readonly database: string;
  /** `server_encoding`. */
  readonly encoding: string;
  readonly user: string;
  readonly isStandby: boolean;
  readonly walLevel: string;
  /** Where its log ends, as a position; what it has not flushed included. */
  readonly endLsn: string;
  readonly slotsMax: number;
  readonly slotsUsed: number;
  readonly sendersMax: number;
  /** `max_slot_wal_keep_size` as the server writes it; `-1` for no limit. */
  readonly slotWalKeepSize: string;
  /** May create publications in the database. */
  readonly canCreate: boolean;
}

/** What only a replication connection tells. */
export interface ReplicationIdentity {
  readonly systemIdentifier: string;
  readonly timeline: number;
  /** Milliseconds after which the server gives up a silent reader of this role; 0 for never. */
  readonly walSenderTimeoutMs: number;
}

/** A change of timelines: everything on `timeline` up to `lsn` is part of the server's history, nothing after it. */
export interface TimelineSwitch {
  readonly timeline: number;
  readonly lsn: string;
}

const IDENTITY = `
  SELECT current_setting('server_version') AS version,
         current_setting('server_version_num')::int AS "versionNumber",
         current_database()::text AS database,
         current_setting('server_encoding') AS encoding,
         current_user::text AS user,
         pg_is_in_recovery() AS "isStandby",
         current_setting('wal_level') AS "walLevel",
         CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS "endLsn",
         current_setting('max_replication_slots')::int AS "slotsMax",
         (SELECT count(*)::int FROM pg_replication_slots) AS "slotsUsed",
         current_setting('max_wal_senders')::int AS "sendersMax",
         current_setting('max_slot_wal_keep_size') AS "slotWalKeepSize",
         has_database_privilege(current_database(), 'CREATE') AS "canCreate"`;

export async function readServerIdentity(side: ClientBase): Promise<ServerIdentity> {
  const { rows } = await side.query<ServerIdentity>(IDENTITY);
  return rows[0]!;
}

/** Asks over a replication connection, which also proves that such a one can be had. Simple queries only: it takes no others. */
export async function readReplicationIdentity(replication: ClientBase): Promise<ReplicationIdentity> {
  const system = await replication.query<{ systemid: string; timeline: number | string }>('IDENTIFY_SYSTEM');
  const setting = "SELECT setting FROM pg_settings WHERE name = 'wal_sender_timeout'";
  const timeout = await replication.query<{ setting: string }>(setting);
  return {
    systemIdentifier: system.rows[0]!.systemid,
    timeline: Number(system.rows[0]!.timeline),
    walSenderTimeoutMs: Number(timeout.rows[0]!.setting),
  };
}

/** The timelines that lead to `timeline`, oldest first; empty for the first one. */
export async function readTimelineHistory(replication: ClientBase, timeline: number): Promise<TimelineSwitch[]> {
  if (timeline === 1) return [];
  const { rows } = await replication.query<{ content: string | Buffer }>(`TIMELINE_HISTORY ${timeline}`);
  return parseTimelineHistory(rows[0]!.content.toString());
}

/**
 * Reads a timeline history file: lines of `timeline, LSN of the switch away from it, reason`, separated by tabs; `#` begins a comment.
 */
export function parseTimelineHistory(content: string): TimelineSwitch[] {
  const switches: TimelineSwitch[] = [];
  for (const line of content.split('\n')) {
    const match = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/i.exec(line);
    if (match !== null) switches.push({ timeline: Number(match[1]), lsn: match[2]! });
  }
  return switches;
}
