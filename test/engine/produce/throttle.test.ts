import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Throttle } from '../../../engine/produce/throttle.ts';

function throttle(): { quota: Throttle; told: string[] } {
  const told: string[] = [];
  return { quota: new Throttle((broker, ms) => told.push(`${broker} ${ms}`)), told };
}

describe("a broker's quota", () => {
  it('presses from its first report until it says that it does no more', () => {
    const { quota } = throttle();
    assert.equal(quota.isActive(0), false);
    quota.add('a:9092/1', 500, 1000);
    assert.deepEqual([quota.isActive(1000), quota.isActive(11_499), quota.isActive(11_500)], [true, true, false]);
    quota.add('a:9092/1', 200, 2000);
    quota.add('a:9092/1', 0, 2100);
    assert.equal(quota.isActive(2100), false);
    assert.equal(quota.totalMs, 700);
  });

  it('presses while that of any broker does', () => {
    const { quota } = throttle();
    quota.add('a:9092/1', 500, 0);
    quota.add('b:9092/2', 500, 0);
    quota.add('a:9092/1', 0, 100);
    assert.equal(quota.isActive(100), true);
  });

  it('is told once, and again when ten minutes were without', () => {
    const { quota, told } = throttle();
    quota.add('a:9092/1', 500, 0);
    quota.add('a:9092/1', 0, 1000);
    quota.add('b:9092/2', 100, 500_000);
    quota.add('b:9092/2', 100, 1_100_000);
    assert.deepEqual(told, ['a:9092/1 500']);
    quota.add('b:9092/2', 300, 1_700_001);
    assert.deepEqual(told, ['a:9092/1 500', 'b:9092/2 300']);
  });
});
