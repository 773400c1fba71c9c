import { identity, type CommittedTransaction, type Kill, type SeenMessage } from './history.ts';

/** Everything that a run left behind. */
export interface Evidence {
  /** In any order; `commitEnd` orders them. */
  readonly committed: readonly CommittedTransaction[];
  /** End of each transaction's commit record, by xid, in bytes of log. */
  readonly commitEnd: ReadonlyMap<number, bigint>;
  /** Transactions at or before it are not owed: the slot began there. */
  readonly slotStart: bigint;
  /** Per partition in offset order. */
  readonly seen: readonly SeenMessage[];
  readonly kills: readonly Kill[];
}

export interface Verdict {
  readonly problems: readonly string[];
  /** Messages beyond the first of their kind. */
  readonly repeats: number;
  readonly messages: number;
}

/**
 * Holds what a consumer read against what was committed:
 *
 *   lost        a change of a committed transaction that no message tells of
 *   phantom     a message of no committed change (rolled back, never made)
 *   order       for each key, the messages in their partition are the key's changes in commit order, where a restart may step back but
 *               never skips: each is at most one further than the one before
 *   window      behind a kill no message of a transaction at or before the position that was stored then
 *   staleness   that position is at or behind everything that had been delivered, contiguously, two seconds before the kill
 */
export function check(evidence: Evidence): Verdict {
  const problems: string[] = [];
  const expected = expectedByCommit(evidence, problems);
  const places = new Map<string, { readonly key: string; readonly index: number; readonly commitEnd: bigint; seen: number }>();
  const perKey = new Map<string, number>();
  for (const { commitEnd, transaction } of expected) {
    for (const change of transaction.changes) {
      const key = `${change.table} ${change.id}`;
      const index = perKey.get(key) ?? 0;
      perKey.set(key, index + 1);
      places.set(identity(transaction.xid, change), { key, index, commitEnd, seen: 0 });
    }
  }
  const lastIndex = new Map<string, number>();
  for (const { partition, offset, xid, change } of evidence.seen) {
    const name = identity(xid, change);
    const place = places.get(name);
    if (place === undefined) {
      if (!isBeforeSlot(evidence, xid)) problems.push(`phantom: ${name} at ${partition}:${offset} was never committed`);
      continue;
    }
    const last = lastIndex.get(place.key) ?? -1;
    if (place.index > last + 1)
      problems.push(`order: ${name} at ${partition}:${offset} is change ${place.index} of its key, after change ${last}`);
    lastIndex.set(place.key, place.index);
    place.seen += 1;
    const kill = evidence.kills.findLast(({ endOffsets }) => offset >= (endOffsets[partition] ?? 0));
    if (kill !== undefined && place.commitEnd <= kill.stored) {
      problems.push(`window: ${name} at ${partition}:${offset} was sent after the kill of ${kill.victim}, though stored before it`);
    }
  }
  let repeats = 0;
  for (const [name, place] of places) {
    if (place.seen === 0) problems.push(`lost: ${name}`);
    else repeats += place.seen - 1;
  }
  problems.push(...staleness(evidence, expected));
  return { problems, repeats, messages: evidence.seen.length };
}

interface Owed {
  readonly commitEnd: bigint;
  readonly transaction: CommittedTransaction;
}

function expectedByCommit({ committed, commitEnd, slotStart }: Evidence, problems: string[]): Owed[] {
  const owed: Owed[] = [];
  for (const transaction of committed) {
    if (transaction.changes.length === 0) continue;
    const end = commitEnd.get(transaction.xid);
    if (end === undefined) problems.push(`the log has no commit of transaction ${transaction.xid}`);
    else if (end > slotStart) owed.push({ commitEnd: end, transaction });
  }
  return owed.sort((a, b) => (a.commitEnd < b.commitEnd ? -1 : 1));
}

function isBeforeSlot({ commitEnd, slotStart }: Evidence, xid: number): boolean {
  const end = commitEnd.get(xid);
  return end !== undefined && end <= slotStart;
}

/** For each kill: the last transaction of the prefix that had been delivered two seconds before must be stored. */
function staleness({ seen, kills }: Evidence, owed: readonly Owed[]): string[] {
  const problems: string[] = [];
  const ends = owed.map(firstDeliveries(seen));
  for (const { victim, stored, earlierOffsets } of kills) {
    const isWhole = (end: ReadonlyMap<number, number> | null) =>
      end !== null && [...end].every(([partition, offset]) => offset < (earlierOffsets[partition] ?? 0));
    const open = ends.findIndex((end) => !isWhole(end));
    const delivered = owed[(open === -1 ? owed.length : open) - 1];
    if (delivered !== undefined && delivered.commitEnd > stored) {
      problems.push(
        `staleness: transaction ${delivered.transaction.xid} was delivered two seconds before the kill of ${victim}, and not stored`,
      );
    }
  }
  return problems;
}

/** Where a transaction's first messages end, by partition; null when one of them is missing. */
function firstDeliveries(seen: readonly SeenMessage[]): (owed: Owed) => ReadonlyMap<number, number> | null {
  const first = new Map<string, SeenMessage>();
  for (const message of seen) {
    const name = identity(message.xid, message.change);
    if (!first.has(name)) first.set(name, message);
  }
  return ({ transaction }) => {
    const ends = new Map<number, number>();
    for (const change of transaction.changes) {
      const message = first.get(identity(transaction.xid, change));
      if (message === undefined) return null;
      ends.set(message.partition, Math.max(message.offset, ends.get(message.partition) ?? 0));
    }
    return ends;
  };
}
