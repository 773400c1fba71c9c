import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { giveToServer } from './postgres-install.ts';
import { DEFAULT_SETTINGS, PostgresServer, type PostgresSettings } from './postgres.ts';
import { run } from './run.ts';
import { tempDir } from './temp.ts';
import { until } from './wait.ts';

/** Whoever calls `end` when the test is over. */
interface Ending {
  after(end: () => Promise<void>): unknown;
}

/**
 * A second server on a copy of the files of a stopped one. `signal` makes it a standby, or a recovery that ends with the log that is
 * there, on a new timeline.
 */
export async function copyOf(
  t: Ending,
  original: PostgresServer,
  signal: 'standby' | 'recovery',
  settings: PostgresSettings = {},
): Promise<PostgresServer> {
  const base = tempDir(undefined, 'millrace-pg-');
  mkdirSync(base, { recursive: true });
  await run('cp', ['-a', original.dataDir, join(base, 'data')]);
  writeFileSync(join(base, 'data', `${signal}.signal`), '');
  await giveToServer(base);
  const restore = signal === 'recovery' ? { restore_command: 'false' } : {};
  const server = new PostgresServer(original.version, base, await freePort(), { ...DEFAULT_SETTINGS, ...restore, ...settings });
  t.after(() => server.destroy());
  await server.start();
  return server;
}

/** A standby that streams from `primary`, which is stopped for the copy and started again. */
export async function standbyOf(t: Ending, primary: PostgresServer, settings: PostgresSettings = {}): Promise<PostgresServer> {
  await primary.query("SELECT pg_create_physical_replication_slot('to_standby', true)");
  await primary.stop();
  const standby = await copyOf(t, primary, 'standby', {
    primary_conninfo: `host=127.0.0.1 port=${primary.port} user=postgres password=millrace dbname=postgres`,
    primary_slot_name: 'to_standby',
    ...settings,
  });
  await primary.start();
  return standby;
}

/**
 * Waits until the standby shows everything that is in the log of the primary now. A commit behind it makes the primary write out what
 * VACUUM leaves in its buffers: of that only whole pages are sent, and a standby replays no half of a record.
 */
export async function untilCaughtUp(standby: PostgresServer, primary: PostgresServer): Promise<void> {
  const [row] = await primary.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn');
  await primary.query("SELECT pg_logical_emit_message(true, '', '')");
  const shown = async () => (await standby.query<{ is: boolean }>(`SELECT pg_last_wal_replay_lsn() >= '${row!.lsn}' AS is`))[0]!.is;
  await until(shown, { what: () => `the log on the standby:\n${standby.log()}` });
}

/** Waits until the server has left recovery. */
export async function untilPromoted(server: PostgresServer): Promise<void> {
  const isOver = async () => !(await server.query<{ is: boolean }>('SELECT pg_is_in_recovery() AS is'))[0]!.is;
  await until(isOver, { what: () => `the promotion:\n${server.log()}` });
}
