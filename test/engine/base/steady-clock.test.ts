import assert from 'node:assert/strict';
import { test } from 'node:test';
import { steadyClock } from '../../../engine/base/steady-clock.ts';

test('the steady clock is that of the wall where nobody has set it, and does not follow who sets it', (t) => {
  assert.ok(Math.abs(steadyClock() - Date.now()) < 60_000);
  const before = steadyClock();
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 86_400_000 });
  const passed = steadyClock() - before;
  assert.ok(passed >= 0 && passed < 60_000, `${passed} ms`);
});
