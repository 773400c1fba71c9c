import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { binlogVariantOf, variantName } from './binlog-ledger.ts';
import { planKills } from './plan.ts';
import { runScenario } from './scenario.ts';

/** A shorter `npm run test:crash -- binlog`: new seeds each time, printed, one for each server. */
for (const [index, flavor] of (['mariadb', 'mysql'] as const).entries()) {
  const seed = 4 * Math.floor(Math.random() * 250_000) + 2 * index + Math.floor(Math.random() * 2);
  test(
    `four kills under changes of a binlog lose nothing and keep each key's order, ${variantName(binlogVariantOf(seed))}, seed ${seed}`,
    { skip: skipUnless('kafka', 'kcat', flavor) },
    async (t) => {
      const kills = planKills(seed, 4, 'binlog');
      const { problems, counted } = await runScenario({ kind: 'binlog', seed, workers: 3, kills, log: (line) => t.diagnostic(line) });
      assert.deepEqual(problems.slice(0, 20), []);
      assert.ok(counted.length >= kills.length, `only ${counted.length} kills hit rows in flight`);
    },
  );
}
