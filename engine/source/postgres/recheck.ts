import type { PostgresPosition } from '../../change/position.ts';
import type { PostgresBinding } from '../../change/source-binding.ts';
import { readReplicationIdentity, readServerIdentity, readTimelineHistory } from './identity.ts';
import type { PreflightConnections } from './inspection.ts';
import { problem, raiseProblems } from '../problems.ts';
import { readSlot } from './slot.ts';
import { decideStart, judgeBinding } from './start-position.ts';

/**
 * Looks after a reconnect whether the stream may go on: behind the same address may now stand a standby, a server restored from a backup,
 * or one that was promoted before it had all that was read. Tables and publication are not looked at: what they have become since the start
 * does not make the log unreadable.
 * @param position up to which the stream was read
 * @throws MillraceError `SERVER_STANDBY`, `SYSTEM_CHANGED`, and what a start finds wrong with slot and position
 */
export async function recheck(
  { side, openReplication }: PreflightConnections,
  binding: PostgresBinding,
  position: PostgresPosition,
): Promise<void> {
  const server = await readServerIdentity(side);
  if (server.isStandby)
    raiseProblems([problem('SERVER_STANDBY', 'After the reconnect the server is a standby: pg_is_in_recovery() is true.')]);
  const session = await openReplication();
  try {
    const identity = await readReplicationIdentity(session.client);
    const isMoved = binding.timeline !== null && identity.timeline !== binding.timeline;
    const history = isMoved ? await readTimelineHistory(session.client, identity.timeline) : [];
    const facts = {
      slotName: binding.slot,
      publicationName: binding.publication,
      adopt: false,
      stored: { position, source: binding },
      slot: await readSlot(side, binding.slot),
      server,
      replication: { ...identity, history },
    };
    raiseProblems(judgeBinding(facts));
    raiseProblems(decideStart(facts).problems);
  } finally {
    await session.close();
  }
}
