import { BINLOG_WORK_KINDS, WORK_KINDS } from './history.ts';
import { BINLOG_VICTIMS, VICTIMS, type PlannedKill } from './kill.ts';
import { Random } from './random.ts';
import { UNITS } from './stage.ts';

/**
 * A plan of kills under a stream, of three at least: every victim as often as the others, every kind of work, in an order of the seed. Each
 * run begins with a kill between the stream's beginning and the first stored checkpoint, and ends with one of a life that had the time to
 * store.
 */
export function planKills(seed: number, count: number, source: 'postgres' | 'binlog' = 'postgres'): PlannedKill[] {
  const random = new Random(seed);
  const isBinlog = source === 'binlog';
  const kinds = shuffled(random, isBinlog ? BINLOG_WORK_KINDS : WORK_KINDS);
  const victims = shuffled(random, isBinlog ? BINLOG_VICTIMS : VICTIMS);
  const plan: PlannedKill[] = Array.from({ length: count }, (_, i) => ({
    victim: victims[i % victims.length]!,
    place: 'stream',
    work: kinds[i % kinds.length]!,
  }));
  const first = plan.findIndex(({ victim }) => victim === 'capture' || victim === 'supervisor');
  const [start] = plan.splice(first, 1);
  const last = plan.pop();
  return [{ victim: start!.victim, place: 'start', work: 'small' }, ...plan, { ...last!, isLate: true }];
}

/**
 * A plan of kills under a snapshot, of three at least: all but two in units, from the first to the last; then one at the seam, whose victim
 * is another one in each of four seeds, and one behind it. Four seeds together strike at each unit.
 */
export function planSnapshotKills(seed: number, count: number): PlannedKill[] {
  const random = new Random(seed);
  const kinds = shuffled(random, WORK_KINDS);
  const work = (i: number) => kinds[i % kinds.length]!;
  const atSeam = VICTIMS[seed % VICTIMS.length]!;
  const others = Array.from({ length: count - 1 }, (_, i) => VICTIMS[(seed + 1 + i) % VICTIMS.length]!);
  const victims = shuffled(random, others);
  const inUnits = count - 2;
  const phase = (seed % VICTIMS.length) / VICTIMS.length;
  return [
    ...Array.from({ length: inUnits }, (_, i): PlannedKill => {
      const place = Math.floor(((i + phase) * UNITS) / inUnits);
      return { victim: victims[i]!, place, work: work(i) };
    }),
    { victim: atSeam, place: 'seam', work: work(inUnits) },
    { victim: victims[inUnits]!, place: 'stream', work: work(inUnits + 1) },
  ];
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.below(rest.length), 1)[0]!);
}
