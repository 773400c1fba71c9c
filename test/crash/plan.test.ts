import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BINLOG_WORK_KINDS, WORK_KINDS } from './history.ts';
import { BINLOG_VICTIMS, VICTIMS } from './kill.ts';
import { planKills, planSnapshotKills } from './plan.ts';
import { UNITS } from './stage.ts';

test('whatever the seed: each victim as often, the first kill at the start, the last one late, and every kind of work in four seeds', () => {
  for (let seed = 0; seed < 200; seed += 4) {
    const plans = [seed, seed + 1, seed + 2, seed + 3].map((each) => planKills(each, 8));
    for (const plan of plans) {
      assert.deepEqual(
        plan.map(({ place }) => place === 'start'),
        plan.map((_, index) => index === 0),
      );
      assert.deepEqual(
        plan.map(({ isLate = false }) => isLate),
        plan.map((_, index) => index === plan.length - 1),
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

test('of a binlog: every victim and every kind of work in four seeds', () => {
  for (let seed = 0; seed < 200; seed += 4) {
    const kills = [seed, seed + 1, seed + 2, seed + 3].flatMap((each) => planKills(each, 8, 'binlog'));
    assert.deepEqual(new Set(kills.map(({ victim }) => victim)), new Set(BINLOG_VICTIMS));
    assert.deepEqual(new Set(kills.map(({ work }) => work)), new Set(BINLOG_WORK_KINDS));
  }
});

test('the same seed gives the same plan', () => {
  assert.deepEqual(planKills(5, 8), planKills(5, 8));
  assert.notDeepEqual(planKills(5, 8), planKills(6, 8));
});

test('under a snapshot: from unit to unit, then the seam and what follows; in four seeds every unit, and every victim at the seam', () => {
  for (let seed = 0; seed < 200; seed += 4) {
    const plans = [seed, seed + 1, seed + 2, seed + 3].map((each) => planSnapshotKills(each, 8));
    for (const plan of plans) {
      const units = plan.map(({ place }) => place).filter((place) => typeof place === 'number');
      assert.deepEqual(
        plan.map(({ place }) => place),
        [...units.toSorted((a, b) => a - b), 'seam', 'stream'],
      );
      for (const victim of VICTIMS) assert.equal(plan.filter((kill) => kill.victim === victim).length, 2);
    }
    const struck = new Set(plans.flat().map(({ place }) => place));
    assert.equal(struck.size, UNITS + 2, `units from seed ${seed}`);
    const atSeam = plans.flat().filter(({ place }) => place === 'seam');
    assert.deepEqual(new Set(atSeam.map(({ victim }) => victim)), new Set(VICTIMS));
  }
});
