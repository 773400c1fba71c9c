import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as must, unreachable } from '../../../engine/base/assert.ts';

test('a condition that does not hold is an internal error with its message', () => {
  must(true, 'holds');
  assert.throws(() => must(false, 'read index passes write index'), { code: 'INTERNAL', message: 'read index passes write index' });
});

test('a value outside a closed switch is named', () => {
  assert.throws(() => unreachable('hexagon' as never), { code: 'INTERNAL', message: /hexagon/ });
});
