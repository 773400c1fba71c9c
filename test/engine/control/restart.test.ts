import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { restartDelayMs } from '../../../engine/control/restart.ts';

describe('pause before a restart', () => {
  it('doubles from half a second to thirty', () => {
    const longest = Array.from({ length: 9 }, (_, attempt) => restartDelayMs(attempt, 1 - Number.EPSILON));
    assert.deepEqual(longest, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    assert.equal(restartDelayMs(1_000_000, 1 - Number.EPSILON), 30_000);
  });

  it('is by chance down to half of that', () => {
    assert.equal(restartDelayMs(0, 0), 250);
    assert.equal(restartDelayMs(9, 0), 15_000);
    assert.equal(restartDelayMs(9, 0.5), 22_500);
  });
});
