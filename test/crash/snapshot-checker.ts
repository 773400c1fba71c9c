import type { SnapshotRecord } from '../../engine/change/snapshot.ts';
import { parseRanges } from '../../engine/change/number-ranges.ts';
import { historiesOf, type State } from './histories.ts';
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
  /** Units that may be sent and not stored: one a connection. */
  readonly unitsAtOnce: number;
}

export interface SnapshotVerdict {
  readonly problems: readonly string[];
  /** Rows beyond the first of their key. */
  readonly repeats: number;
  /** Captures that sent rows. */
  readonly readings: number;
  /** Of any kill, the most units of which rows had been sent, and that were not stored. */
  readonly unitsInFlightMax: number;
}

/**
 * Holds the rows of a snapshot against what was committed and stored. A capture reads under one snapshot, and each unit once:
 *
 *   phantom     a row that no commit ever left behind
 *   stale       a row as it was before the slot began, whose change the stream does not bring
 *   torn        the rows that one capture read are not those of one moment (commits of one writer are seen in their order)
 *   backwards   a later row of a key is older than an earlier one
 *   unread      a key that was there before the slot began and ever after, and that no row tells of
 *   seam        a row behind a change of the stream, or a change that was sent before every unit was stored
 *   window      a key twice of one capture, or behind a kill a row of a unit that was stored then
 *   in flight   more units than may be had rows sent and were not stored at a kill: these come again
 */
export function checkSnapshot(evidence: SnapshotEvidence): SnapshotVerdict {
  const { rows, kills, unitsAtOnce } = evidence;
  // The broker's end ends no capture: nothing comes again.
  const flights = kills.filter(({ victim }) => victim !== 'broker').map((kill) => unitsInFlight(kill, rows));
  return {
    problems: [
      ...checkRows(evidence),
      ...checkSeam(evidence),
      ...checkWindow(evidence),
      ...flights.filter((units) => units.size > unitsAtOnce).map((units) => `in flight: ${[...units].join(', ')}; ${unitsAtOnce} may be`),
    ],
    repeats: rows.length - new Set(rows.map(({ change }) => keyOf(change))).size,
    readings: new Set(rows.map(({ producer }) => producer)).size,
    unitsInFlightMax: Math.max(0, ...flights.map(({ size }) => size)),
  };
}

function checkRows(evidence: SnapshotEvidence): string[] {
  const { slotStart } = evidence;
  const problems: string[] = [];
  const histories = historiesOf(evidence.committed, evidence.commitEnd);
  const last = new Map<string, State>();
  /** By capture and writer. */
  const read = new Map<string, State[]>();
  for (const row of evidence.rows) {
    const { table, id, version } = row.change;
    const key = keyOf(row.change);
    const name = `${key} with version ${version} at ${row.partition}:${row.offset}`;
    const state = histories.get(key)?.find((one) => one.version === version && one.from < one.until);
    if (state === undefined) {
      problems.push(`phantom: ${name} was never committed`);
      continue;
    }
    if (state.until <= slotStart) problems.push(`stale: ${name} was no more when the slot began`);
    if (state.from < (last.get(key)?.from ?? 0n)) problems.push(`backwards: ${name} is older than the row before`);
    last.set(key, state);
    if (table === TRUNCATED_TABLE) continue;
    const reading = `capture ${row.producer}, writer ${id % WRITERS}`;
    const states = read.get(reading);
    if (states === undefined) read.set(reading, [state]);
    else states.push(state);
  }
  for (const [reading, states] of read) {
    const newest = states.reduce((most, { from }) => (from > most ? from : most), 0n);
    const torn = states.filter(({ until }) => until <= newest).length;
    if (torn > 0) problems.push(`torn: ${reading}: ${torn} rows were no more when another came to be`);
  }
  for (const [key, states] of histories) {
    const wasThere = states.some(({ version, from, until }) => version !== null && from <= slotStart && until > slotStart);
    const wentAway = states.some(({ version, until }) => version === null && until > slotStart);
    if (wasThere && !wentAway && !last.has(key) && !key.startsWith(TRUNCATED_TABLE)) problems.push(`unread: ${key}`);
  }
  return problems;
}

function checkSeam({ rows, seen, kills }: SnapshotEvidence): string[] {
  const streamed = new Map<number, number>();
  for (const { partition, offset } of seen) streamed.set(partition, Math.min(offset, streamed.get(partition) ?? offset));
  const late = rows.filter(({ partition, offset }) => offset > (streamed.get(partition) ?? offset));
  // A broker's kill leaves the capture time to go on before the offsets are known.
  const open = kills.findLast(({ victim, snapshot }) => victim !== 'broker' && snapshot?.finishedAt === null);
  const early = seen.filter(({ partition, offset }) => offset < (open?.endOffsets[partition] ?? 0));
  return [
    ...late.map(({ partition, offset, change }) => `seam: ${keyOf(change)} at ${partition}:${offset} was read behind the stream`),
    ...early.map(
      ({ partition, offset, change }) => `seam: ${keyOf(change)} at ${partition}:${offset} was streamed before all units were stored`,
    ),
  ];
}

function checkWindow({ rows, kills }: SnapshotEvidence): string[] {
  const problems: string[] = [];
  const sent = new Set<string>();
  for (const { partition, offset, producer, change } of rows) {
    const name = `${producer} ${keyOf(change)}`;
    if (sent.has(name)) problems.push(`window: ${keyOf(change)} at ${partition}:${offset} was sent twice by one capture`);
    sent.add(name);
  }
  for (const kill of kills) {
    const isStored = storedUnits(kill.snapshot);
    for (const { partition, offset, change } of rows) {
      if (offset < (kill.endOffsets[partition] ?? 0) || !isStored(change)) continue;
      problems.push(`window: ${keyOf(change)} at ${partition}:${offset} was read after the kill of ${kill.victim}, its unit being stored`);
    }
  }
  return problems;
}

/** Units of which the capture that was killed had sent rows, and that were not stored. */
export function unitsInFlight({ snapshot, endOffsets }: Kill, rows: readonly SnapshotRow[]): Set<string> {
  const isStored = storedUnits(snapshot);
  const before = rows.filter(({ partition, offset }) => offset < (endOffsets[partition] ?? 0));
  const killed = before.reduce((newest, { producer }) => Math.max(newest, producer), 0);
  const open = before.filter(({ producer, change }) => producer === killed && !isStored(change));
  return new Set(open.map(({ change }) => unitOf(snapshot, change).name));
}

function storedUnits(snapshot: SnapshotRecord | null): (change: RowChange) => boolean {
  if (snapshot === null) return () => false;
  if (snapshot.finishedAt !== null) return () => true;
  const parts = snapshot.tables.flatMap((table) => table.parts);
  const done = new Map(parts.map((part) => [part.name, new Set(parseRanges(part.done))]));
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
