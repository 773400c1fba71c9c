import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { inspectOver } from '../../../engine/check/inspection-step.ts';
import { BINLOG_STEPS, type SourceStep } from '../../../engine/check/step-names.ts';
import { Steps } from '../../../engine/check/steps.ts';

const TABLES = [{ database: 'shop', schema: 'shop', table: 'orders', isKeyed: true }];

function look(inspect: () => Promise<typeof TABLES>) {
  const steps = new Steps<SourceStep>('source', BINLOG_STEPS);
  let closed = 0;
  const session = { close: async () => void (closed += 1) };
  const found = inspectOver(session, inspect, (error) => error as MillraceError, steps);
  return { found, failed: () => steps.end().filter(({ state }) => state === 'fail'), closed: () => closed };
}

test('what is found is told, and the connection closed', async () => {
  const { found, closed } = look(async () => TABLES);
  assert.deepEqual([await found, closed()], [TABLES, 1]);
  assert.equal(
    await inspectOver(
      null,
      async () => TABLES,
      (error) => error as MillraceError,
      new Steps('source', BINLOG_STEPS),
    ),
    null,
  );
});

test('what the server refuses fails a step; what the configuration says wrong is thrown; both close the connection', async () => {
  const lost = look(() => Promise.reject(new MillraceError('CONNECTION_LOST', 'it broke')));
  assert.deepEqual([await lost.found, lost.closed()], [null, 1]);
  assert.deepEqual(
    lost.failed().map(({ code }) => code),
    ['CONNECTION_LOST'],
  );
  const wrong = look(() => Promise.reject(new MillraceError('TABLES_SYNTAX', 'no')));
  await assert.rejects(wrong.found, { code: 'TABLES_SYNTAX' });
  assert.equal(wrong.closed(), 1);
});
