import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Millrace } from '../support/millrace.ts';
import { until } from '../support/wait.ts';
import type { Kill, Place, WorkKind } from './history.ts';
import type { OffsetWatch } from './offsets.ts';
import type { Random } from './random.ts';
import { caughtUp, placeOf, stateOf, storedState, type Stage, type StoredState } from './stage.ts';

export const VICTIMS = ['capture', 'supervisor', 'broker', 'database'] as const;
/** Of a binlog also the connection that it is read by. */
export const BINLOG_VICTIMS = [...VICTIMS, 'stream'] as const;
export type Victim = (typeof BINLOG_VICTIMS)[number];

/** One kill as it is planned: of what, where, during which work. */
export interface PlannedKill {
  readonly victim: Victim;
  readonly place: Place;
  readonly work: WorkKind;
  /** Of a kill under a stream: not before some of what was delivered since the kill before it is due to be stored. */
  readonly isLate?: boolean;
}

/** How long before a kill the delivered prefix must be stored, in time and in samples of the end offsets, one in 200 ms at most. */
const STALE_MS = 2000;
const STALE_SAMPLES = 9;
const REACH_MS = 60_000;
/** A kill strikes at any time within so many milliseconds after its place is reached. */
const DURING_WORK_MS = 300;
const DURING_UNIT_MS = 25;
const DURING_SEAM_MS = 15;
/** End offsets that stood still for so long after a kill have settled; less than the shortest pause before a capture is restarted. */
const SETTLED_MS = 100;

/** What this module has to know of the life that is to end. */
export interface Life {
  /** Where the slot begins. */
  readonly slotStart: bigint;
  /** Messages in the topic, and rows of units that were stored, when this life began. */
  readonly sent: number;
  readonly rows: number;
}

/** Kills the victim at its place, notes what was stored and sent by then, and brings the victim back. */
export async function killOne(stage: Stage, planned: PlannedKill, random: Random, life: Life): Promise<Kill> {
  const { ledger, broker, engine, offsets, checkpoint } = stage;
  const { victim, work } = planned;
  await reach(stage, planned, random, life);
  const earlierOffsets = dueOffsets(offsets);
  switch (victim) {
    case 'capture':
      killCapture(engine);
      break;
    case 'supervisor':
      await engine.kill9();
      break;
    case 'broker':
      await broker.kill9();
      break;
    case 'database':
      await ledger.kill9();
      break;
    case 'stream':
      await ledger.killStream?.();
      break;
  }
  const state = stateOf(stage, await checkpoint.settled());
  if (victim === 'broker') await broker.start();
  if (victim === 'database') await ledger.start();
  const isEngine = victim === 'capture' || victim === 'supervisor';
  const endOffsets = isEngine ? await settledOffsets(offsets) : await offsetsNow(offsets);
  if (victim === 'supervisor') engine.launch();
  const place = planned.place === 'start' ? 'start' : placeOf(state, life.slotStart);
  // The log holds messages whose acknowledgement died with the broker: the producer learns of them only when it has sent them again.
  if (victim === 'broker' && typeof place === 'string') await caughtUp(stage);
  return { victim, place, work, ...state, endOffsets, earlierOffsets };
}

/** Waits until the work is under way, and the changefeed is where the kill is to strike or already beyond. */
async function reach(stage: Stage, { place, work, isLate = false }: PlannedKill, random: Random, life: Life): Promise<void> {
  const { engine, offsets, writers } = stage;
  if (place === 'start') return;
  const wait = { deadlineMs: REACH_MS, what: () => `the changefeed to come to ${place}:\n${engine.tail()}` };
  for (const writer of writers) writer.request(work);
  if (typeof place === 'number') {
    const isThere = async () => {
      const state = await storedState(stage);
      const now = placeOf(state, life.slotStart);
      if (typeof now === 'string') return true;
      // Asking the broker takes time in which units pass: only when none was stored yet in this life.
      return now >= place && (rowsStored(state) > life.rows || sum(await offsets.now()) > life.sent);
    };
    await until(isThere, { ...wait, everyMs: 1 });
    return await delay(random.below(DURING_UNIT_MS));
  }
  if (place === 'seam') {
    await until(async () => typeof placeOf(await storedState(stage), life.slotStart) === 'string', { ...wait, everyMs: 1 });
    return await delay(random.below(DURING_SEAM_MS));
  }
  await until(async () => placeOf(await storedState(stage), life.slotStart) === 'stream', wait);
  await until(() => engine.isReady(), { ...wait, what: () => `the engine to be ready:\n${engine.tail()}` });
  const sent = isLate ? sum(await offsetsNow(offsets)) : 0;
  const isDue = () => sum(dueOffsets(offsets)) > sent;
  if (isLate) await until(isDue, { ...wait, what: () => `messages that are due to be stored:\n${engine.tail()}` });
  for (const writer of writers) writer.request(work);
  await until(() => writers.some(({ current }) => current === work), { ...wait, everyMs: 1, what: `${work} work` });
  await delay(random.below(DURING_WORK_MS));
}

/** End offsets of messages that must be stored by now. */
function dueOffsets(offsets: OffsetWatch): readonly number[] {
  return offsets.at(performance.now() - STALE_MS, STALE_SAMPLES);
}

/**
 * End offsets once nothing more comes of what a dead capture had under way: the broker goes on for a moment with requests that it had
 * received. Told too early, such messages would count as delivered by the next life, which knows nothing of them.
 */
async function settledOffsets(offsets: OffsetWatch): Promise<number[]> {
  let last: number[] = [];
  let changedMs = 0;
  const haveSettled = async () => {
    const now = await offsets.now().catch(() => []);
    if (String(now) !== String(last)) changedMs = performance.now();
    last = now;
    return now.length > 0 && performance.now() - changedMs >= SETTLED_MS;
  };
  await until(haveSettled, { deadlineMs: REACH_MS, everyMs: 20, what: 'the end offsets to stand still' });
  return last;
}

function offsetsNow(offsets: OffsetWatch): Promise<number[]> {
  return until(() => offsets.now(), { deadlineMs: REACH_MS, what: 'the broker to tell its offsets' });
}

/** The supervisor's only child. */
function killCapture(engine: Millrace): void {
  const children = readFileSync(`/proc/${engine.pid}/task/${engine.pid}/children`, 'utf8').trim();
  for (const pid of children.split(' ')) if (pid !== '') process.kill(Number(pid), 'SIGKILL');
}

/**
 * Rows were under way: of a snapshot, some were sent that belong to no stored unit; of the stream, something was committed that the stored
 * position does not cover.
 */
export async function wereRowsInFlight({ ledger, writers }: Stage, kill: Kill, life: Life): Promise<boolean> {
  if (typeof kill.place === 'number') return sum(kill.endOffsets) - life.sent > rowsStored(kill) - life.rows;
  const ends = await ledger.commitEnds(kill.stored);
  return writers.some(({ committed }) => committed.some(({ xid, changes }) => changes.length > 0 && (ends.get(xid) ?? 0n) > kill.stored));
}

/** The life that begins with a kill; of the broker, the one that it interrupts goes on. */
export function nextLife(life: Life, kill: Kill): Life {
  if (kill.victim === 'broker') return life;
  return { ...life, sent: sum(kill.endOffsets), rows: rowsStored(kill) };
}

/** Rows of the units that are stored. */
function rowsStored({ snapshot }: Pick<StoredState, 'snapshot'>): number {
  return sum((snapshot?.tables ?? []).map(({ rows, parts }) => sum([Number(rows), ...parts.map((part) => Number(part.rows))])));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
