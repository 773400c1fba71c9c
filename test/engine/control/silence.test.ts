import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { SilenceTimer } from '../../../engine/control/silence.ts';

test('silence is told once, counted from the last word', (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.after(() => mock.timers.reset());
  let told = 0;
  const silence = new SilenceTimer(1000, () => (told += 1));
  mock.timers.tick(900);
  silence.heard();
  mock.timers.tick(900);
  assert.equal(told, 0);
  mock.timers.tick(100);
  assert.equal(told, 1);
  mock.timers.tick(5000);
  assert.equal(told, 1);
});

test('nothing is told once it is stopped', (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.after(() => mock.timers.reset());
  const silence = new SilenceTimer(1000, () => assert.fail('told'));
  silence.stop();
  mock.timers.tick(5000);
});
