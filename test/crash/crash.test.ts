import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { planKills } from './plan.ts';
import { runScenario } from './scenario.ts';

/** A shorter `npm run test:crash`: new seeds each time, printed, ten kills in all. */
for (const workers of [1, 3]) {
  const seed = Math.floor(Math.random() * 1_000_000);
  test(
    `five kills lose nothing and keep each key's order, ${workers} worker(s), seed ${seed}`,
    { skip: skipUnless('kafka', 'kcat', 'postgres-15') },
    async (t) => {
      const kills = planKills(seed, 5);
      const { problems, counted } = await runScenario({ kind: 'stream', seed, workers, kills, log: (line) => t.diagnostic(line) });
      assert.deepEqual(problems.slice(0, 20), []);
      assert.ok(counted.length >= kills.length, `only ${counted.length} kills hit rows in flight`);
    },
  );
}
