import type { ClientBase } from 'pg';
import { MillraceError } from '../../base/errors.ts';
import type { PostgresPosition } from '../../change/position.ts';
import type { PostgresBinding, PostgresStart } from '../../change/source-binding.ts';
import type { PreflightConnections } from './inspection.ts';
import { positionAt, type StartPlan } from './preflight.ts';
import { nameSome } from '../problems.ts';
import { displayName, quotedName } from './relations.ts';
import { createSlot, sqlState } from './slot.ts';
import type { SourceEvents } from '../source.ts';

/** Where the stream starts, and what the checkpoint binds it to. */
export interface StartPoint {
  readonly position: PostgresPosition;
  readonly source: PostgresBinding;
  /** The slot was created by this start: only changes from now on are exported. */
  readonly isNew: boolean;
}

export interface StartHooks {
  readonly events: SourceEvents;
  /** Makes an intent or a start durable; the next step waits for it. */
  readonly save: (start: PostgresStart) => Promise<void>;
  /** How long the creation of a slot may wait before the log says for whom, and how often again. */
  readonly patienceMs: number;
  /** Takes over the snapshot that a new slot exports, before the connection that holds it ends; null when nobody wants it. */
  readonly takeSnapshot: ((exported: string) => Promise<void>) | null;
}

/** Writers queue behind the lock that is waited for: short. */
const LOCK_TIMEOUT_MS = 1000;

/**
 * Does what a plan says, in the order that loses nothing when it is cut short anywhere:
 *
 *   1. the intent is stored: a start that finds the slot then knows it for ours
 *   2. the publication is created or altered: a slot cannot be read through a younger publication
 *   3. the slot is created; its consistent point is the position
 *   4. the position is stored, before the first row is read
 *
 * @throws MillraceError `SLOT_FOREIGN`, `SLOTS_EXHAUSTED`, `PUBLICATION_LOCKED`, and the codes of `save`
 */
export async function beginStart(connections: PreflightConnections, plan: StartPlan, hooks: StartHooks): Promise<StartPoint> {
  if (plan.slot.action === 'create') await hooks.save({ position: null, source: bindingOf(plan, 'intent', null) });
  const oid = await preparePublication(connections.side, plan, hooks.events);
  if (plan.slot.action === 'resume') {
    const claim = plan.stored!.source.claim;
    return { position: plan.position!, source: bindingOf(plan, claim, oid), isNew: false };
  }
  const isNew = plan.slot.action === 'create';
  const claim = plan.slot.action === 'create' ? 'created' : plan.slot.claim;
  const lsn = plan.slot.action === 'create' ? await createOwnSlot(connections, plan, hooks) : plan.slot.lsn;
  const start = { position: positionAt(plan.options.slot, lsn), source: bindingOf(plan, claim, oid) };
  await hooks.save(start);
  return { ...start, isNew };
}

function bindingOf(
  { options, server, stored }: StartPlan,
  claim: PostgresBinding['claim'],
  publicationOid: number | null,
): PostgresBinding {
  return {
    kind: 'postgres',
    slot: options.slot,
    claim,
    systemIdentifier: server.systemIdentifier,
    timeline: server.timeline,
    snapshotLsn: stored?.source.snapshotLsn ?? null,
    database: server.database,
    publication: options.publication,
    publicationOid,
  };
}

/** Brings the publication into the state of the plan; returns its oid. */
async function preparePublication(side: ClientBase, plan: StartPlan, events: SourceEvents): Promise<number> {
  const { publication } = plan;
  if (publication.action === 'create') {
    await inTransaction(side, () => runAll(side, publication.statements));
    events.info(`created the publication ${publication.name} for ${plan.tables.length} tables`, { publication: publication.name });
  }
  if (publication.action === 'alter') await alterPublication(side, plan, events);
  const { rows } = await side.query<{ oid: number }>('SELECT oid FROM pg_publication WHERE pubname = $1', [publication.name]);
  return rows[0]!.oid;
}

/**
 * Tables are added under a lock that keeps writers out. Without it a transaction that is under way would come with only the part of its
 * changes that follows the ALTER [V]; with it, all changes behind one LSN flow, and none before it.
 */
async function alterPublication(side: ClientBase, { publication, stored }: StartPlan, events: SourceEvents): Promise<void> {
  const names = publication.added.map(({ relation }) => displayName(relation));
  let lsn = '';
  try {
    await inTransaction(side, async () => {
      if (publication.added.length > 0) {
        await side.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
        const targets = publication.added.map(({ relation }) =>
          relation.kind === 'p' ? quotedName(relation) : `ONLY ${quotedName(relation)}`,
        );
        await side.query(`LOCK TABLE ${targets.join(', ')} IN SHARE ROW EXCLUSIVE MODE`);
      }
      await runAll(side, publication.statements);
      lsn = (await side.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn')).rows[0]!.lsn;
    });
  } catch (error) {
    throw sqlState(error) === '55P03' ? await publicationLocked(side, publication.name, publication.added, error) : error;
  }
  const details = { publication: publication.name, lsn };
  events.info(`altered the publication ${publication.name}: ${publication.statements.join('; ')}`, details);
  if (names.length === 0 || stored === null || stored.position === null) return;
  events.info(`changes of ${nameSome(names)} flow from ${lsn} on; earlier ones are not exported`, details);
}

async function publicationLocked(
  side: ClientBase,
  name: string,
  tables: StartPlan['publication']['added'],
  cause: unknown,
): Promise<MillraceError> {
  const oids = tables.flatMap(({ relation, leaves }) => [relation.oid, ...leaves.map(({ oid }) => oid)]);
  const holders = await side.query<{ holder: string }>(
    `SELECT DISTINCT format('pid %s (%s)', a.pid, coalesce(nullif(a.application_name, ''), a.usename)) AS holder
       FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.granted AND l.relation = ANY ($1::oid[]) AND l.mode IN ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock',
            'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') AND a.pid <> pg_backend_pid()`,
    [oids],
  );
  const who = holders.rows.length === 0 ? 'a transaction that has ended meanwhile' : nameSome(holders.rows.map(({ holder }) => holder));
  const message =
    `${nameSome(tables.map(({ relation }) => displayName(relation)))} could not be added ` +
    `to the publication ${name} within ${LOCK_TIMEOUT_MS} ms: ` +
    `held by ${who}. The next attempt follows by itself.`;
  return new MillraceError('PUBLICATION_LOCKED', message, { publication: name }, { cause });
}

async function createOwnSlot(
  connections: PreflightConnections,
  plan: StartPlan,
  { events, save, patienceMs, takeSnapshot }: StartHooks,
): Promise<string> {
  const { slot } = plan.options;
  const session = await connections.openReplication();
  const patience = setInterval(() => void tellWhoHolds(connections.side, slot, events), patienceMs);
  try {
    // The creation waits for transactions as one waits for locks; a role's lock_timeout would end it.
    await session.client.query('SET lock_timeout = 0');
    const { lsn, snapshot } = await createSlot(session.client, slot, plan.server.versionNumber, takeSnapshot !== null);
    if (snapshot !== null) await takeSnapshot?.(snapshot);
    events.info(`created the slot ${slot}: changes from ${lsn} on are exported`, { slot, lsn });
    return lsn;
  } catch (error) {
    // The intent must not make a slot ours that somebody else was faster to create.
    if (error instanceof MillraceError && error.code === 'SLOT_FOREIGN') {
      await save({ position: null, source: bindingOf(plan, 'none', null) });
    }
    throw error;
  } finally {
    clearInterval(patience);
    await session.close();
  }
}

const HOLDERS = `
  SELECT format('pid %s (%s)%s', pid, coalesce(nullif(application_name, ''), usename), ' since ' || xact_start) AS holder
    FROM pg_stat_activity
   WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
  UNION ALL SELECT format('prepared transaction %L since %s', gid, prepared) FROM pg_prepared_xacts LIMIT 20`;

/** A slot's consistent point waits for every transaction that was open when its creation began, prepared ones included. */
async function tellWhoHolds(side: ClientBase, slot: string, events: SourceEvents): Promise<void> {
  let holders: string[];
  try {
    holders = (await side.query<{ holder: string }>(HOLDERS)).rows.map(({ holder }) => holder);
  } catch {
    // The connection broke; the creation itself says so better.
    return;
  }
  const who = holders.length === 0 ? 'transactions that have just ended' : nameSome(holders);
  events.warn('SLOT_WAITS', `the creation of the slot ${slot} waits for open transactions: ${who}`, { slot });
}

async function inTransaction(client: ClientBase, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function runAll(client: ClientBase, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}
