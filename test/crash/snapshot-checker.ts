import { parseRanges } from '../../engine/change/number-ranges.ts';
import type { SnapshotRecord } from '../../engine/change/snapshot.ts';
import { keyOf, type CommittedTransaction, type Kill, type RowChange, type SeenMessage, type SnapshotRow } from './history.ts';
import { TRUNCATED_TABLE, WRITERS } from './work.ts';

/** What a run with a snapshot left behind. */
export interface SnapshotEvidence {
  readonly committed: readonly CommittedTransaction[];
  /** End of each transaction's commit record, by xid. */
  readonly commitEnd: ReadonlyMap<number, bigint>;
  readonly slotStart: bigint;
  /** Per partition in offset order, as `seen`. */
  readonly rows: readonly SnapshotRow[];
  readonly seen: readonly SeenMessage[];
  readonly kills: readonly Kill[];
  /** Captures that began to read tables. */
  readonly readings: number;
  /** Units that may be under way: one a connection, and those that the memory holds. */
  readonly unitsAtOnce: number;
}

export interface SnapshotVerdict {
  readonly problems: readonly string[];
  /** Rows beyond the first of their key. */
  readonly repeats: number;
  /** Of any kill, the most units of which rows had been sent, and that were not stored. */
  readonly unitsInFlightMax: number;
}

/** A row from one commit up to another; `version` null while it is not there. */
interface State {
  readonly version: number | null;
  readonly from: bigint;
  until: bigint;
}

/** What came between two kills that ended a capture. */
interface Life {
  readonly begin: readonly number[];
  /** Infinite for the last one. */
  readonly end: readonly number[] | null;
  readonly readings: number;
  readonly kill: Kill | null;
}

const FOREVER = 2n ** 64n;

/**
 * Holds the rows of a snapshot against what was committed and stored:
 *
 *   phantom     a row that no commit ever left behind
 *   stale       a row as it was before the slot began, whose change the stream does not bring
 *   torn        the rows of one reading are not those of one moment (for each writer: commits of one are seen in their order)
 *   backwards   a later row of a key is older than an earlier one
 *   unread      a key that was there before the slot began and ever after, and that no row tells of
 *   seam        a row behind a change of the stream, or a change that was sent before every unit was stored
 *   window      behind a kill no row of a unit that was stored then, and each key once a reading
 *   in flight   at a kill, more units had been begun to be sent and were not stored than connections and memory allow: these come again
 */
export function checkSnapshot(evidence: SnapshotEvidence): SnapshotVerdict {
  const lives = livesOf(evidence);
  const flights = lives.map((life) => unitsInFlight(life, evidence.rows));
  const perKey = new Set(evidence.rows.map(({ change }) => keyOf(change)));
  return {
    problems: [
      ...checkRows(evidence, lives),
      ...checkSeam(evidence),
      ...checkWindow(evidence, lives),
      ...lives.flatMap(({ kill, readings }, index) =>
        kill === null || readings > 1 || flights[index]!.size <= evidence.unitsAtOnce
          ? []
          : [`in flight: ${[...flights[index]!].join(', ')} at the kill of ${kill.victim}; ${evidence.unitsAtOnce} may be`],
      ),
    ],
    repeats: evidence.rows.length - perKey.size,
    unitsInFlightMax: Math.max(0, ...flights.map(({ size }) => size)),
  };
}

function livesOf({ kills, readings }: SnapshotEvidence): Life[] {
  const lives: Life[] = [];
  let begin: readonly number[] = [];
  let before = 0;
  // The broker's end leaves the capture that it had.
  for (const kill of kills.filter(({ victim }) => victim !== 'broker')) {
    lives.push({ begin, end: kill.endOffsets, readings: kill.readings - before, kill });
    begin = kill.endOffsets;
    before = kill.readings;
  }
  return [...lives, { begin, end: null, readings: readings - before, kill: null }];
}

function isIn({ begin, end }: Life, { partition, offset }: SnapshotRow): boolean {
  return offset >= (begin[partition] ?? 0) && (end === null || offset < (end[partition] ?? 0));
}

function checkRows(evidence: SnapshotEvidence, lives: readonly Life[]): string[] {
  const problems: string[] = [];
  const histories = historiesOf(evidence);
  const placed: { readonly row: SnapshotRow; readonly state: State }[] = [];
  const last = new Map<string, State>();
  for (const row of evidence.rows) {
    const key = keyOf(row.change);
    const name = `${key} with version ${row.change.version} at ${row.partition}:${row.offset}`;
    const state = histories.get(key)?.find(({ version, from, until }) => version === row.change.version && from < until);
    if (state === undefined) {
      problems.push(`phantom: ${name} was never committed`);
      continue;
    }
    if (state.until <= evidence.slotStart) problems.push(`stale: ${name} was no more when the slot began`);
    if (state.from < (last.get(key)?.from ?? 0n)) problems.push(`backwards: ${name} is older than the row before`);
    last.set(key, state);
    placed.push({ row, state });
  }
  for (const life of lives.filter(({ readings }) => readings <= 1)) {
    const read = placed.filter(({ row }) => row.change.table !== TRUNCATED_TABLE && isIn(life, row));
    for (let writer = 0; writer < WRITERS; writer++) {
      const states = read.filter(({ row }) => row.change.id % WRITERS === writer).map(({ state }) => state);
      const newest = states.reduce((most, { from }) => (from > most ? from : most), 0n);
      const torn = states.filter(({ until }) => until <= newest).length;
      if (torn > 0) problems.push(`torn: ${torn} rows of writer ${writer} were no more when another of the same snapshot came to be`);
    }
  }
  for (const [key, states] of histories) {
    const now = states.at(-1)!;
    const wasThere = states.some(({ version, from, until }) => version !== null && from <= evidence.slotStart && until > evidence.slotStart);
    const everAfter = !states.some(({ version, until }) => version === null && until > evidence.slotStart);
    if (key.startsWith(TRUNCATED_TABLE) || !wasThere || !everAfter || last.has(key)) continue;
    problems.push(`unread: ${key}, which has version ${now.version} now`);
  }
  return problems;
}

/** By key, what it was from when to when, in commit order. Nobody tells of the end that TRUNCATE made of rows. */
function historiesOf({ committed, commitEnd }: SnapshotEvidence): Map<string, State[]> {
  const histories = new Map<string, State[]>();
  const ordered = committed
    .map((transaction) => ({ transaction, end: commitEnd.get(transaction.xid) ?? FOREVER }))
    .toSorted((a, b) => (a.end < b.end ? -1 : 1));
  const enter = (key: string, version: number | null, from: bigint) => {
    const states = histories.get(key) ?? [];
    if (states.length > 0) states.at(-1)!.until = from;
    states.push({ version, from, until: FOREVER });
    histories.set(key, states);
  };
  for (const { transaction, end } of ordered) {
    for (const { table, id, oldId, version } of transaction.changes) {
      if (oldId !== null) enter(keyOf({ table, id: oldId }), null, end);
      enter(keyOf({ table, id }), version, end);
    }
  }
  return histories;
}

function checkSeam({ rows, seen, kills }: SnapshotEvidence): string[] {
  const streamed = new Map<number, number>();
  for (const { partition, offset } of seen) streamed.set(partition, Math.min(offset, streamed.get(partition) ?? offset));
  const late = rows.filter(({ partition, offset }) => offset > (streamed.get(partition) ?? offset));
  const early = kills.findLast(({ snapshot }) => snapshot?.finishedAt === null);
  const sent = seen.filter(({ partition, offset }) => offset < (early?.endOffsets[partition] ?? 0));
  return [
    ...late.map(({ partition, offset, change }) => `seam: ${keyOf(change)} at ${partition}:${offset} was read behind the stream`),
    ...sent.map(({ partition, offset, change }) => `seam: ${keyOf(change)} at ${partition}:${offset} was streamed before every unit was stored`),
  ];
}

function checkWindow({ rows, kills }: SnapshotEvidence, lives: readonly Life[]): string[] {
  const problems: string[] = [];
  for (const kill of kills) {
    const stored = storedUnits(kill.snapshot);
    const again = rows.filter((row) => row.offset >= (kill.endOffsets[row.partition] ?? 0) && stored(row.change));
    for (const { partition, offset, change } of again) {
      problems.push(`window: ${keyOf(change)} at ${partition}:${offset} was read after the kill of ${kill.victim}, its unit being stored`);
    }
  }
  for (const life of lives) {
    const counts = new Map<string, number>();
    for (const { change } of rows.filter((row) => isIn(life, row))) counts.set(keyOf(change), (counts.get(keyOf(change)) ?? 0) + 1);
    for (const [key, count] of counts) {
      if (count > Math.max(1, life.readings)) problems.push(`window: ${key} came ${count} times in ${life.readings} readings`);
    }
  }
  return problems;
}

/** Units of which rows were sent in a life, and that were not stored at its end. */
function unitsInFlight(life: Life, rows: readonly SnapshotRow[]): Set<string> {
  if (life.kill === null) return new Set();
  const { snapshot } = life.kill;
  const isStored = storedUnits(snapshot);
  const open = rows.filter((row) => isIn(life, row) && !isStored(row.change));
  return new Set(open.map(({ change }) => unitOf(snapshot, change).name));
}

function storedUnits(snapshot: SnapshotRecord | null): (change: RowChange) => boolean {
  if (snapshot === null) return () => false;
  if (snapshot.finishedAt !== null) return () => true;
  const done = new Map(
    snapshot.tables.flatMap(({ parts }) => parts.map((part) => [part.name, new Set(parseRanges(part.done))] as const)),
  );
  return (change) => {
    const { part, index } = unitOf(snapshot, change);
    return done.get(part)?.has(index) ?? false;
  };
}

/** The unit that a row lies in. Cuts are known once a unit is stored; before that a table counts as one. */
function unitOf(snapshot: SnapshotRecord | null, { table, id }: RowChange): { part: string; index: number; name: string } {
  const part = snapshot?.tables.flatMap(({ parts }) => parts).find(({ name }) => name === `public.${table}`);
  const index = (part?.cuts ?? []).filter(([cut]) => Number(cut) <= id).length;
  return { part: part?.name ?? table, index, name: `${table}/${index}` };
}
