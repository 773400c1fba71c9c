import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { planKills } from './plan.ts';
import { runScenario } from './scenario.ts';

/** A shorter `npm run test:crash -- binlog`: a new seed each time, printed. */
const seed = Math.floor(Math.random() * 1_000_000);
test(
  `eight kills under changes of MariaDB lose nothing and keep each key's order, seed ${seed}`,
  { skip: skipUnless('kafka', 'kcat', 'mariadb') },
  async (t) => {
    const kills = planKills(seed, 8, 'binlog');
    const { problems, counted } = await runScenario({ kind: 'binlog', seed, workers: 3, kills, log: (line) => t.diagnostic(line) });
    assert.deepEqual(problems.slice(0, 20), []);
    assert.ok(counted.length >= kills.length, `only ${counted.length} kills hit rows in flight`);
  },
);
