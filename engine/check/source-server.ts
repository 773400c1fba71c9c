import type { Code } from '../base/codes.ts';
import { RESTART, sql } from '../base/remedy.ts';
import type { PostgresConfig } from '../control/config/config.ts';
import type { Session } from '../source/postgres/connection.ts';
import type { ServerIdentity } from '../source/postgres/identity.ts';
import type { Inspection, StartFindings } from '../source/postgres/inspection.ts';
import type { Problem } from '../source/problems.ts';
import { tell, type Findings } from './findings.ts';
import type { SourceStep } from './step-names.ts';
import type { Steps } from './steps.ts';

type SourceSteps = Steps<SourceStep>;

/** What the server is. */
export function tellServer(server: ServerIdentity, found: Findings, { syncMode }: PostgresConfig, steps: SourceSteps): void {
  tell('version', found, `PostgreSQL ${server.version}`, steps);
  if (isUnusable(found.problems, 'SERVER_VERSION')) return;
  tell('primary', found, server.isStandby ? 'a standby, which FULL reads' : 'yes', steps);
  if (isUnusable(found.problems, 'SERVER_STANDBY')) return;
  if (syncMode !== 'FULL') return;
  const needless = 'MILLRACE_SYNC_MODE=FULL needs no stream';
  for (const step of STREAM_STEPS) steps.skip(step, needless);
}

const STREAM_STEPS: readonly SourceStep[] = [
  'wal_level',
  'walsenders',
  'max_slot_wal_keep_size',
  'wal_sender_timeout',
  'slots',
  'replica_identity',
  'publication',
];

function isUnusable(problems: readonly Problem[], code: Code): boolean {
  return problems.some((problem) => problem.code === code);
}

/** What a stream takes of the server. */
export async function tellStream(session: Session, found: Inspection, config: PostgresConfig, steps: SourceSteps): Promise<void> {
  const { server, replication } = found;
  if (server.isStandby || found.problems.some(({ code }) => code === 'SERVER_VERSION')) return;
  tell('wal_level', found, server.walLevel, steps);
  await tellSenders(session, found, steps);
  if (found.problems.some(({ code }) => REFUSALS.has(code))) tell('privileges', found, '', steps);
  // Asked over the replication connection: without one there is no answer.
  if (replication !== null) {
    tell('max_slot_wal_keep_size', found, server.slotWalKeepSize, steps);
    tell('wal_sender_timeout', found, `${replication.walSenderTimeoutMs / 1000} s`, steps);
  }
  if (found.found !== null) tellSlot(found, found.found, config, steps);
}

/** Of a replication connection. */
const REFUSALS: ReadonlySet<Code> = new Set(['REPLICATION_PRIVILEGE', 'LOGIN_REFUSED']);

async function tellSenders(session: Session, found: Inspection, steps: SourceSteps): Promise<void> {
  const { sendersMax } = found.server;
  const { rows } = await session.client.query<{ used: number }>('SELECT count(*)::int AS used FROM pg_stat_replication');
  const used = rows[0]?.used ?? 0;
  const seen = `${used} of ${sendersMax} taken`;
  if (found.replication !== null && sendersMax - used === 1) {
    const remedies = [sql(`ALTER SYSTEM SET max_wal_senders = ${sendersMax + 10};`), RESTART];
    return steps.warn('walsenders', `${seen}: Millrace takes the last one, and leaves none for a standby or a backup`, remedies);
  }
  tell('walsenders', found, seen, steps);
}

function tellSlot(found: Inspection, { slotState, slot }: StartFindings, { source }: PostgresConfig, steps: SourceSteps): void {
  const { slotsUsed, slotsMax } = found.server;
  const room = `${slotsUsed} of ${slotsMax} slots taken`;
  const reader = slotState?.reader;
  if (slot.action === 'resume' && reader !== undefined && reader !== null) {
    // Who reads it confirms while we look: the slot may stand beyond the checkpoint that was read a moment before.
    const others = found.problems.filter(({ code }) => code !== 'SLOT_ACTIVE' && code !== 'SLOT_AHEAD');
    const who = `pid ${reader.pid}, application "${reader.application}" from ${reader.address}`;
    return tell('slots', { ...found, problems: others }, `${source.slot} is being read by ${who}: is the changefeed running?`, steps);
  }
  const stands = slotState === null ? `${source.slot} will be created` : `${source.slot} stands at ${slotState.confirmedLsn}`;
  tell('slots', found, `${stands}; ${room}`, steps);
}
