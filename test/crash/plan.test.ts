import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WORK_KINDS } from './history.ts';
import { planKills } from './plan.ts';
import { VICTIMS } from './scenario.ts';

test('whatever the seed: each victim as often, the first kill at the start, and every kind of work in four seeds', () => {
  for (let seed = 0; seed < 200; seed += 4) {
    const plans = [seed, seed + 1, seed + 2, seed + 3].map((each) => planKills(each, 8));
    for (const plan of plans) {
      assert.deepEqual(
        plan.map(({ work }) => work === 'start'),
        plan.map((_, index) => index === 0),
      );
      assert.match(plan[0]!.victim, /^(capture|supervisor)$/);
      for (const victim of VICTIMS) assert.equal(plan.filter((kill) => kill.victim === victim).length, 2);
    }
    for (const kind of WORK_KINDS)
      assert.ok(
        plans.flat().some(({ work }) => work === kind),
        `${kind} from seed ${seed}`,
      );
  }
});

test('the same seed gives the same plan', () => {
  assert.deepEqual(planKills(5, 8), planKills(5, 8));
  assert.notDeepEqual(planKills(5, 8), planKills(6, 8));
});
