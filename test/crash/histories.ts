import { keyOf, type CommittedTransaction } from './history.ts';

/** What a row was from one commit up to another; `version` is null while it is not there. */
export interface State {
  readonly version: number | null;
  /** Ends of commit records, in bytes of log. */
  readonly from: bigint;
  readonly until: bigint;
}

const FOREVER = 2n ** 64n;

/** By key, what it was when, in commit order. Of rows that a TRUNCATE takes nobody tells an end. */
export function historiesOf(
  committed: readonly CommittedTransaction[],
  commitEnd: ReadonlyMap<number, bigint>,
): ReadonlyMap<string, readonly State[]> {
  const histories = new Map<string, { version: number | null; from: bigint; until: bigint }[]>();
  const ordered = committed
    .map(({ xid, changes }) => ({ changes, end: commitEnd.get(xid) ?? FOREVER }))
    .toSorted((a, b) => (a.end < b.end ? -1 : 1));
  const enter = (key: string, version: number | null, from: bigint) => {
    const state = { version, from, until: FOREVER };
    const states = histories.get(key);
    if (states === undefined) {
      histories.set(key, [state]);
      return;
    }
    states.at(-1)!.until = from;
    states.push(state);
  };
  for (const { changes, end } of ordered) {
    for (const { table, id, oldId, version } of changes) {
      if (oldId !== null) enter(keyOf({ table, id: oldId }), null, end);
      enter(keyOf({ table, id }), version, end);
    }
  }
  return histories;
}
