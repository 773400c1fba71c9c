import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { planSnapshotKills } from './plan.ts';
import { runScenario } from './scenario.ts';

/** A shorter `npm run test:crash -- snapshot`: a new seed each time, printed. */
const RUNS = [
  { kind: 'snapshot', count: 8 },
  { kind: 'snapshot-topic', count: 4 },
] as const;
for (const { kind, count } of RUNS) {
  const seed = Math.floor(Math.random() * 1_000_000);
  const store = kind === 'snapshot-topic' ? ', the checkpoint in a topic' : '';
  test(
    `${count} kills in units of a snapshot, at its seam and behind it: nothing is lost, and no unit that is stored comes again${store}, seed ${seed}`,
    { skip: skipUnless('kafka', 'kcat', 'postgres-15') },
    async (t) => {
      const kills = planSnapshotKills(seed, count);
      const { problems, counted } = await runScenario({ kind, seed, workers: 3, kills, log: (line) => t.diagnostic(line) });
      assert.deepEqual(problems.slice(0, 20), []);
      assert.ok(counted.length >= kills.length, `only ${counted.length} kills hit rows in flight`);
      assert.ok(
        counted.some(({ place }) => typeof place === 'number' && place > 0),
        'some hit it when units were stored and others not',
      );
    },
  );
}
