import assert from 'node:assert/strict';
import test from 'node:test';
import { LargeTurns } from '../../../../../engine/source/postgres/copy/large-turns.ts';
import { until } from '../../../../support/wait.ts';

test('one connection has the turn until it ends it, and then the others are told', async () => {
  let told = 0;
  const turns = new LargeTurns(() => (told += 1));
  const [first, second] = [turns.add(), turns.add()];
  assert.deepEqual([first.take(), first.take(), second.take()], [true, true, false]);
  second.end();
  assert.equal(second.take(), false);
  first.end();
  assert.deepEqual([second.take(), first.take(), told], [true, false, 0]);
  await until(() => told > 0, { what: 'the others to be told' });
  assert.equal(told, 1);
});
