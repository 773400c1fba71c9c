import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { planKills } from './plan.ts';
import { runScenario } from './scenario.ts';

/** A shorter `npm run test:crash`: new seeds each time, printed, fifteen kills in all. */
const RUNS = [
  { kind: 'stream', workers: 1 },
  { kind: 'stream', workers: 3 },
  { kind: 'topic', workers: 3 },
] as const;
for (const { kind, workers } of RUNS) {
  const seed = Math.floor(Math.random() * 1_000_000);
  const store = kind === 'topic' ? ', the checkpoint in a topic' : '';
  test(
    `five kills lose nothing and keep each key's order, ${workers} worker(s)${store}, seed ${seed}`,
    { skip: skipUnless('kafka', 'kcat', 'postgres-15') },
    async (t) => {
      const kills = planKills(seed, 5);
      const { problems, counted } = await runScenario({ kind, seed, workers, kills, log: (line) => t.diagnostic(line) });
      assert.deepEqual(problems.slice(0, 20), []);
      assert.ok(counted.length >= kills.length, `only ${counted.length} kills hit rows in flight`);
    },
  );
}
