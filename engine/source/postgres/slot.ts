import { escapeIdentifier, type ClientBase } from 'pg';
import { MillraceError } from '../../base/errors.ts';

/** A replication slot as the server shows it. */
export interface SlotState {
  readonly name: string;
  readonly kind: 'logical' | 'physical';
  /** Output plugin; null for a physical slot. */
  readonly plugin: string | null;
  readonly database: string | null;
  readonly isTemporary: boolean;
  readonly isTwoPhase: boolean;
  /** Synchronised to standbys (17 and newer); null where the server does not know of it. */
  readonly isFailover: boolean | null;
  /** Who reads from it; null when nobody does. */
  readonly reader: SlotReader | null;
  /** Oldest log that the server keeps for it; null once it is lost. */
  readonly restartLsn: string | null;
  /** Everything before it is confirmed; null until the slot has its consistent point. */
  readonly confirmedLsn: string | null;
  /** `reserved`, `extended`, `unreserved` (about to be lost), `lost`. */
  readonly walStatus: string | null;
  /** Bytes that can be written until it may be lost; null when unlimited or lost. */
  readonly safeWalBytes: string | null;
  /** Why it was invalidated (17 and newer); null when it was not, or the server does not tell. */
  readonly invalidation: string | null;
  /** Bytes of log between what is confirmed and the server's end; null when either is unknown. */
  readonly lagBytes: string | null;
}

export interface SlotReader {
  readonly pid: number;
  readonly application: string;
  /** Address; `local` for a Unix socket, `unknown` when the server does not tell our role. */
  readonly address: string;
}

// Columns came and went with versions: read through jsonb, so that one statement serves all of them.
const SLOTS = `
  SELECT s.slot_name::text AS name, s.slot_type AS kind, s.plugin::text AS plugin, s.database::text AS database,
         s.temporary AS "isTemporary",
         coalesce((to_jsonb(s)->>'two_phase')::boolean, false) AS "isTwoPhase", (to_jsonb(s)->>'failover')::boolean AS "isFailover",
         s.active_pid AS pid, a.application_name AS application,
         CASE a.client_port WHEN -1 THEN 'local' ELSE coalesce(host(a.client_addr), 'unknown') END AS address,
         s.restart_lsn::text AS "restartLsn", s.confirmed_flush_lsn::text AS "confirmedLsn",
         s.wal_status AS "walStatus", s.safe_wal_size::text AS "safeWalBytes", to_jsonb(s)->>'invalidation_reason' AS invalidation,
         pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END,
                         coalesce(s.confirmed_flush_lsn, s.restart_lsn))::text AS "lagBytes"
    FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid`;

interface SlotRow extends Omit<SlotState, 'reader'> {
  readonly pid: number | null;
  readonly application: string | null;
  readonly address: string;
}

/** Reads one slot; null when there is none of that name. */
export async function readSlot(client: ClientBase, name: string): Promise<SlotState | null> {
  const { rows } = await client.query<SlotRow>(`${SLOTS} WHERE s.slot_name = $1`, [name]);
  return rows[0] === undefined ? null : slotState(rows[0]);
}

/** Every slot of the server, by name, as `millrace slot list` shows them. */
export async function listSlots(client: ClientBase): Promise<SlotState[]> {
  return (await client.query<SlotRow>(`${SLOTS} ORDER BY s.slot_name`)).rows.map(slotState);
}

function slotState({ pid, application, address, ...slot }: SlotRow): SlotState {
  return { ...slot, reader: pid === null ? null : { pid, application: application ?? '', address } };
}

/**
 * Drops a slot for good, as `millrace slot drop` does: the server then forgets what the slot has not sent.
 * @throws MillraceError `SLOT_MISSING`, and `SLOT_ACTIVE` naming the reader's pid
 */
export async function dropSlot(client: ClientBase, name: string): Promise<SlotState> {
  const slot = await readSlot(client, name);
  if (slot === null) throw new MillraceError('SLOT_MISSING', `There is no slot ${name} to drop.`, { slot: name });
  if (slot.reader !== null) throw slotActive(name, slot.reader);
  try {
    await client.query('SELECT pg_drop_replication_slot($1)', [name]);
  } catch (error) {
    const reader = sqlState(error) === '55006' ? ((await readSlot(client, name))?.reader ?? null) : null;
    throw reader === null ? error : slotActive(name, reader);
  }
  return slot;
}

export function slotActive(name: string, reader: SlotReader): MillraceError {
  const who = `pid ${reader.pid} on the server, application "${reader.application}" from ${reader.address}`;
  const message = `The slot ${name} is being read by ${who}. Stop that reader, or run SELECT pg_terminate_backend(${reader.pid});`;
  return new MillraceError('SLOT_ACTIVE', message, { slot: name, pid: reader.pid });
}

export interface CreatedSlot {
  readonly lsn: string;
  /** Shows what was committed before `lsn`; gone with the next command on the connection. Null when none was asked for. */
  readonly snapshot: string | null;
}

/**
 * Creates the slot over a replication connection. Its consistent point is where it begins: before that it sends nothing. Waits for
 * every transaction that is open now. From 17 on the slot is one that standbys take over. Never two-phase: prepared transactions
 * come when they are committed.
 * @throws MillraceError `SLOT_FOREIGN` when the name was taken meanwhile, `SLOTS_EXHAUSTED`
 */
export async function createSlot(
  replication: ClientBase,
  name: string,
  versionNumber: number,
  exportsSnapshot: boolean,
): Promise<CreatedSlot> {
  // Up to 14 options have no parentheses.
  let options = exportsSnapshot ? 'EXPORT_SNAPSHOT' : 'NOEXPORT_SNAPSHOT';
  const snapshot = exportsSnapshot ? 'export' : 'nothing';
  if (versionNumber >= 150_000) options = `(SNAPSHOT '${snapshot}')`;
  if (versionNumber >= 170_000) options = `(SNAPSHOT '${snapshot}', FAILOVER true)`;
  const command = `CREATE_REPLICATION_SLOT ${escapeIdentifier(name)} LOGICAL pgoutput ${options}`;
  try {
    const { rows } = await replication.query<{ consistent_point: string; snapshot_name: string | null }>(command);
    const { consistent_point: lsn, snapshot_name: exported } = rows[0]!;
    return { lsn, snapshot: exported };
  } catch (error) {
    if (sqlState(error) === '42710') {
      const message =
        `The slot ${name} came into being while it was about to be created: it is somebody else's. ` +
        'Choose another name (MILLRACE_SLOT).';
      throw new MillraceError('SLOT_FOREIGN', message, { slot: name }, { cause: error });
    }
    if (sqlState(error) === '53400') {
      const message = `The slot ${name} cannot be created: every slot is taken. Raise max_replication_slots and restart the server.`;
      throw new MillraceError('SLOTS_EXHAUSTED', message, { slot: name }, { cause: error });
    }
    throw error;
  }
}

/** SQLSTATE of an error of the server; null for any other. */
export function sqlState(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('severity' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
