import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../../engine/base/remedy.ts';
import { isSuccessful, Steps } from '../../../engine/check/steps.ts';

const NAMES = ['first', 'second', 'third'] as const;

test('steps stand in their order, however they were taken; what was not taken is skipped for what failed', () => {
  const steps = new Steps('source', NAMES);
  steps.fail('second', 'WAL_LEVEL', 'replica', [sql('SELECT 1;')]);
  steps.pass('first', 'there', 'one');
  steps.warn('first', 'odd', [], 'other');
  assert.equal(steps.has('third'), false);
  assert.deepEqual(
    steps.end().map(({ side, step, subject, state, found, code }) => [side, step, subject, state, found, code]),
    [
      ['source', 'first', 'one', 'pass', 'there', null],
      ['source', 'first', 'other', 'warn', 'odd', null],
      ['source', 'second', null, 'fail', 'replica', 'WAL_LEVEL'],
      ['source', 'third', null, 'skipped', 'second failed', null],
    ],
  );
});

test('a reason that is no failure is told where there is one', () => {
  const steps = new Steps('sink', NAMES);
  steps.pass('first', '');
  assert.deepEqual(
    steps.end('not asked for').map(({ found }) => found),
    ['', 'not asked for', 'not asked for'],
  );
});

test('an error that no step expects is met by the first that was not taken', () => {
  const steps = new Steps('source', NAMES);
  steps.pass('first', '');
  steps.failNext('CONNECTION_LOST', 'gone', []);
  assert.deepEqual(
    steps.end().map(({ step, state, found }) => [step, state, found]),
    [
      ['first', 'pass', ''],
      ['second', 'fail', 'gone'],
      ['third', 'skipped', 'second failed'],
    ],
  );
});

test('only a failure stands in the way', () => {
  const steps = new Steps('sink', NAMES);
  steps.warn('first', '', []);
  steps.skip('second', '');
  assert.equal(isSuccessful(steps.taken), true);
  steps.fail('third', 'WAL_LEVEL', '', []);
  assert.equal(isSuccessful(steps.taken), false);
});
