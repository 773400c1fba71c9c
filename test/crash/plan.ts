import { WORK_KINDS } from './history.ts';
import { Random } from './random.ts';
import { VICTIMS, type PlannedKill } from './scenario.ts';

/**
 * A plan of kills, of three at least: every victim as often as the others, every kind of work, in an order of the seed. Each run begins
 * with a kill between the slot's creation and the first stored checkpoint.
 */
export function planKills(seed: number, count: number): PlannedKill[] {
  const random = new Random(seed);
  const kinds = shuffled(random, WORK_KINDS);
  const victims = shuffled(random, VICTIMS);
  const plan: PlannedKill[] = Array.from({ length: count }, (_, i) => ({
    victim: victims[i % victims.length]!,
    work: kinds[i % kinds.length]!,
  }));
  const first = plan.findIndex(({ victim }) => victim === 'capture' || victim === 'supervisor');
  return plan
    .splice(first, 1)
    .map(({ victim }): PlannedKill => ({ victim, work: 'start' }))
    .concat(plan);
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.below(rest.length), 1)[0]!);
}
