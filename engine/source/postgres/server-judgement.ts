import { escapeIdentifier } from 'pg';
import { MillraceError } from '../../base/errors.ts';
import { RESTART, sql, words } from '../../base/remedy.ts';
import type { ReplicationIdentity, ServerIdentity } from './identity.ts';
import { problem, warning, type Problem, type Warning } from '../problems.ts';
import type { SlotState } from './slot.ts';

const VERSION_MIN = 140_000;
const VERSION_TESTED_MAX = 190_000;
/** Below this a reader that is busy for a moment is given up. */
const SENDER_TIMEOUT_MS_MIN = 5_000;

/** Whether the server is new enough. */
export function judgeVersion(server: ServerIdentity): Problem[] {
  if (server.versionNumber >= VERSION_MIN) return [];
  const message = `The server is PostgreSQL ${server.version}; Millrace reads from 14 to 18.`;
  return [problem('SERVER_VERSION', message, { version: server.version }, [words('upgrade the server to PostgreSQL 14 or newer')])];
}

/** What to tell of a server that is newer than what was tested. */
export function versionWarning(server: ServerIdentity): Warning[] {
  if (server.versionNumber < VERSION_TESTED_MAX) return [];
  return [warning('version', `PostgreSQL ${server.version} is newer than what Millrace was tested with (14 to 18).`)];
}

/** Whether the server has a stream of changes: a standby, or one that is too old for what is asked next, has not. */
export function judgeServer(server: ServerIdentity): Problem[] {
  const tooOld = judgeVersion(server);
  if (tooOld.length > 0 || !server.isStandby) return tooOld;
  const message =
    'The server is a standby (pg_is_in_recovery() is true). Point MILLRACE_SOURCE_URL at the primary; MILLRACE_SYNC_MODE=FULL reads standbys.';
  return [problem('SERVER_STANDBY', message, {}, [words('point MILLRACE_SOURCE_URL at the primary, or set MILLRACE_SYNC_MODE=FULL')])];
}

/** Whether the log holds what is decoded. */
export function judgeSettings({ walLevel }: ServerIdentity): Problem[] {
  if (walLevel === 'logical') return [];
  const statement = 'ALTER SYSTEM SET wal_level = logical;';
  const message = `wal_level is ${walLevel}. Run ${statement} and restart the server.`;
  return [problem('WAL_LEVEL', message, { wal_level: walLevel }, [sql(statement), RESTART])];
}

/** Whether a slot can be created, where there is none yet. */
export function judgeRoom({ slotsMax, slotsUsed }: ServerIdentity, slot: SlotState | null): Problem[] {
  if (slot !== null || slotsUsed < slotsMax) return [];
  const statement = `ALTER SYSTEM SET max_replication_slots = ${slotsMax + 10};`;
  const message =
    `All ${slotsMax} replication slots are taken. Run ${statement} and restart the server, ` +
    'or drop one that nobody uses (`millrace slot list`).';
  return [problem('SLOTS_EXHAUSTED', message, { max_replication_slots: slotsMax }, [sql(statement), RESTART])];
}

/** The refusal of a replication connection as a problem. What is no refusal, such as a server that shuts down, is thrown on. */
export function judgeRefusal(error: unknown, server: ServerIdentity): Problem {
  if (!(error instanceof MillraceError)) throw error;
  if (error.code === 'WAL_SENDERS_EXHAUSTED') {
    const statement = `ALTER SYSTEM SET max_wal_senders = ${server.sendersMax + 10};`;
    const message = `All ${server.sendersMax} walsenders are taken. Run ${statement} and restart the server.`;
    return problem('WAL_SENDERS_EXHAUSTED', message, { max_wal_senders: server.sendersMax }, [sql(statement), RESTART]);
  }
  if (error.code === 'REPLICATION_PRIVILEGE') {
    const statement = `ALTER ROLE ${escapeIdentifier(server.user)} REPLICATION;`;
    const message = `The role ${server.user} may not replicate. Run as a superuser: ${statement}`;
    return problem('REPLICATION_PRIVILEGE', message, { role: server.user }, [sql(statement)]);
  }
  if (error.code === 'LOGIN_REFUSED') {
    const message = `A replication connection is refused though an ordinary one is not. ${error.message}`;
    return problem('LOGIN_REFUSED', message, error.details, [
      words('admit the role in pg_hba.conf for the database `all` or by its name: the keyword `replication` is for physical replication'),
      sql('SELECT pg_reload_conf();'),
    ]);
  }
  throw error;
}

/** What to tell of settings under which the stream works, and may end badly. */
export function settingsWarnings(server: ServerIdentity, replication: ReplicationIdentity): Warning[] {
  return [...keepSizeWarning(server), ...senderTimeoutWarning(server, replication)];
}

function keepSizeWarning({ slotWalKeepSize }: ServerIdentity): Warning[] {
  if (slotWalKeepSize !== '-1') return [];
  const message =
    'max_slot_wal_keep_size is -1: while Millrace does not run, the server keeps log for its slot until the disk is full. ' +
    'With a limit, the slot is given up instead: ALTER SYSTEM SET max_slot_wal_keep_size = ...;';
  const remedies = [
    sql("ALTER SYSTEM SET max_slot_wal_keep_size = '50GB';"),
    sql('SELECT pg_reload_conf();'),
    words('with a size that the disk has, and that holds the log of the longest stop'),
  ];
  return [warning('max_slot_wal_keep_size', message, remedies)];
}

function senderTimeoutWarning({ user }: ServerIdentity, { walSenderTimeoutMs }: ReplicationIdentity): Warning[] {
  if (walSenderTimeoutMs >= SENDER_TIMEOUT_MS_MIN) return [];
  const statement = `ALTER ROLE ${escapeIdentifier(user)} SET wal_sender_timeout = '60s';`;
  const message =
    walSenderTimeoutMs === 0
      ? `wal_sender_timeout is 0: a connection that broke without a word keeps the slot, and the next start finds it taken. Run ${statement}`
      : `wal_sender_timeout is ${walSenderTimeoutMs} ms: a short stall of Millrace or of the network ends the stream. Run ${statement}`;
  return [warning('wal_sender_timeout', message, [sql(statement)])];
}
