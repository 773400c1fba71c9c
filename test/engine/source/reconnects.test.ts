import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { Reconnects } from '../../../engine/source/reconnects.ts';

const LOST = new MillraceError('CONNECTION_LOST', 'it broke');
const REFUSED = new MillraceError('LOGIN_REFUSED', 'who are you?');

function reconnects(attempts = 0): { readonly all: Reconnects; readonly warnings: string[] } {
  const warnings: string[] = [];
  const all = new Reconnects({
    retry: { attempts, backoffMs: 5, backoffMaxMs: 5, timeoutMs: null },
    events: { warn: (code) => warnings.push(code), info: () => undefined },
    isMended: ({ code }, hasStreamed) => code === 'CONNECTION_LOST' || hasStreamed,
  });
  return { all, warnings };
}

test('connects again after what another connection mends, until one ends well', async () => {
  const { all, warnings } = reconnects();
  const firsts: boolean[] = [];
  const ends = [LOST, LOST, null];
  await all.run(async (isFirst) => {
    firsts.push(isFirst);
    return ends.shift()!;
  });
  assert.deepEqual([firsts, all.count, warnings], [[true, false, false], 2, ['CONNECTION_LOST', 'CONNECTION_LOST']]);
});

test('ends with what no other connection mends, unless the server has been streamed from', async () => {
  await assert.rejects(
    reconnects().all.run(async () => REFUSED),
    { code: 'LOGIN_REFUSED' },
  );
  const { all } = reconnects();
  const ends = [REFUSED, null];
  await all.run(async () => {
    all.haveStreamed();
    return ends.shift()!;
  });
  assert.equal(all.count, 1);
});

test('gives up after so many attempts in a row; one that brought something begins a new row', async () => {
  const { all } = reconnects(2);
  let connections = 0;
  const run = all.run(async () => {
    connections += 1;
    if (connections === 2) all.haveStreamed();
    return LOST;
  });
  await assert.rejects(run, { code: 'RETRIES_EXHAUSTED' });
  assert.equal(connections, 4);
});

test('a stop ends a pause, and no connection follows', async () => {
  const { all } = reconnects();
  let connections = 0;
  const run = all.run(async () => {
    connections += 1;
    all.stop();
    return LOST;
  });
  await run;
  await all.pause(3_600_000);
  assert.deepEqual([connections, all.isStopping], [1, true]);
});
