import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { isOrdered, runJoin } from './join.ts';

/** A shorter `npm run test:crash -- join`: a new seed each time, printed. */
const seed = Math.floor(Math.random() * 1_000_000);
const why = isOrdered(seed) ? 'ordered, between its marks' : 'it joins';
test(
  `eight kills while a table is read beside its changes (${why}): each row ends as the table has it, seed ${seed}`,
  { skip: skipUnless('kafka', 'kcat', 'postgres-15') },
  async (t) => {
    const { problem, counted } = await runJoin({ seed, workers: 3, kills: 8, log: (line) => t.diagnostic(line) });
    assert.equal(problem, null);
    assert.ok(counted >= 5, `only ${counted} kills struck while it was read`);
  },
);
