import { identity, keyOf, type CommittedTransaction, type Kill, type SeenMessage } from './history.ts';

/** Everything that a run left behind. */
export interface Evidence {
  /** In any order; `commitEnd` orders them. */
  readonly committed: readonly CommittedTransaction[];
  /** End of each transaction's commit record, by xid, in bytes of log. */
  readonly commitEnd: ReadonlyMap<number, bigint>;
  /** Transactions at or before it are not owed: the slot began there. */
  readonly slotStart: bigint;
  /** The stream's, per partition in offset order. */
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
 * Holds what a consumer read of the stream against what was committed:
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
      const key = keyOf(change);
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

/**
 * For each kill: the last transaction of the prefix that this capture had delivered two seconds before must be stored. What an earlier
 * capture delivered and died before it could store is sent again, and counts from then on. A capture that was restarted for another reason
 * than our kill began at a place that nobody noted: nothing is said of it.
 */
function staleness({ seen, kills, slotStart }: Evidence, owed: readonly Owed[]): string[] {
  const problems: string[] = [];
  const places = placesOf(seen);
  const wanted = owed.map(({ transaction }) => transaction.changes.map((change) => places.get(identity(transaction.xid, change)) ?? []));
  let life = { generation: 1, stored: slotStart, offsets: [] as readonly number[] };
  for (const kill of kills) {
    const isThisLife = kill.generation === life.generation;
    // Of several copies the last: one before it may be of the life before, taken by the broker long after that had died.
    const isIn = (copies: readonly Place[]) => {
      const last = copies.findLast(({ partition, offset }) => offset < (kill.endOffsets[partition] ?? 0));
      if (last === undefined || last.offset < (life.offsets[last.partition] ?? 0)) return false;
      return last.offset < (kill.earlierOffsets[last.partition] ?? 0);
    };
    const open = owed.findIndex(({ commitEnd }, i) => commitEnd > life.stored && !wanted[i]?.every(isIn));
    const delivered = owed[(open === -1 ? owed.length : open) - 1];
    if (isThisLife && delivered !== undefined && delivered.commitEnd > kill.stored) {
      problems.push(
        `staleness: transaction ${delivered.transaction.xid} was delivered two seconds before the kill of ${kill.victim}, and not stored`,
      );
    }
    if (kill.victim === 'capture' || kill.victim === 'supervisor') {
      life = { generation: kill.generation + 1, stored: kill.stored, offsets: kill.endOffsets };
    } else if (!isThisLife) {
      life = { ...life, generation: -1 };
    }
  }
  return problems;
}

interface Place {
  readonly partition: number;
  readonly offset: number;
}

/** Where each message stands, repeats included. */
function placesOf(seen: readonly SeenMessage[]): Map<string, Place[]> {
  const places = new Map<string, Place[]>();
  for (const { xid, change, partition, offset } of seen) {
    const name = identity(xid, change);
    const known = places.get(name);
    if (known === undefined) places.set(name, [{ partition, offset }]);
    else known.push({ partition, offset });
  }
  return places;
}
