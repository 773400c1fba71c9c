import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rates } from '../../../engine/control/rates.ts';

test('rates are those of the last ten seconds, and of the time there is before', () => {
  const rates = new Rates(0);
  assert.equal(rates.perSecond(0), 0);
  rates.look(1000, [10, 0]);
  rates.look(2000, [40, 0]);
  assert.equal(rates.perSecond(0), 20);
  for (let second = 3; second <= 30; second++) rates.look(second * 1000, [40 + (second - 2) * 100, 0]);
  assert.equal(rates.perSecond(0), 100);
  assert.equal(rates.perSecond(1), 0);
  for (let second = 31; second <= 35; second++) rates.look(second * 1000, [2840, 0]);
  assert.equal(rates.perSecond(0), 50);
});

test('a counter that is new begins at 0, one that is not there has no rate', () => {
  const rates = new Rates(0);
  rates.look(1000, [10]);
  rates.look(2000, [10, 8]);
  assert.equal(rates.perSecond(1), 4);
  assert.equal(rates.perSecond(7), 0);
});

test('the window spans ten seconds though looks come late', () => {
  const rates = new Rates(0);
  rates.look(1000, [0]);
  rates.look(61_000, [600]);
  assert.equal(rates.perSecond(0), 10);
  rates.look(72_000, [600]);
  assert.equal(rates.perSecond(0), 0);
});
