import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { giveUp, pauseMs, type RetryPolicy } from '../../../engine/base/retry.ts';
import { WITHOUT_END } from '../../support/retry.ts';

const ALMOST_ONE = 1 - Number.EPSILON;
const LAST = new MillraceError('KAFKA_UNREACHABLE', 'no broker answered', { brokers: 'k:9092' });

describe('pause before an attempt', () => {
  const longest = (attempts: number, policy = WITHOUT_END) => pauseMs(policy, { attempts, forMs: 0 }, ALMOST_ONE);

  it('doubles from half a second to thirty', () => {
    const pauses = Array.from({ length: 9 }, (_, attempt) => longest(attempt));
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    assert.equal(longest(1_000_000), 30_000);
  });

  it('is by chance down to half of that', () => {
    const pause = (attempts: number, random: number) => pauseMs(WITHOUT_END, { attempts, forMs: 0 }, random);
    assert.deepEqual([pause(0, 0), pause(9, 0), pause(9, 0.5)], [250, 15_000, 22_500]);
  });

  it('begins and ends as the policy says', () => {
    const policy = { ...WITHOUT_END, backoffMs: 3000, backoffMaxMs: 10_000 };
    assert.deepEqual(
      [0, 1, 2, 3].map((attempt) => longest(attempt, policy)),
      [3000, 6000, 10_000, 10_000],
    );
    assert.equal(longest(0, { ...WITHOUT_END, backoffMaxMs: 100 }), 100);
  });

  it('ends when the time is up', () => {
    const policy = { ...WITHOUT_END, timeoutMs: 60_000 };
    assert.equal(pauseMs(policy, { attempts: 9, forMs: 50_000 }, ALMOST_ONE), 10_000);
    assert.equal(pauseMs(policy, { attempts: 9, forMs: 61_000 }, ALMOST_ONE), 0);
  });
});

describe('giving up', () => {
  const isGivenUp = (policy: Partial<RetryPolicy>, attempts: number, forMs: number) =>
    giveUp({ ...WITHOUT_END, ...policy }, { attempts, forMs }, LAST) !== null;

  it('never happens without a limit', () => {
    assert.equal(isGivenUp({}, 1e9, 1e12), false);
  });

  it('happens when the last attempt that is allowed has failed', () => {
    assert.deepEqual([isGivenUp({ attempts: 3 }, 2, 1e12), isGivenUp({ attempts: 3 }, 3, 0)], [false, true]);
  });

  it('happens when the time is over, and not at the first failure', () => {
    const policy = { timeoutMs: 60_000 };
    assert.deepEqual([isGivenUp(policy, 0, 0), isGivenUp(policy, 99, 59_999), isGivenUp(policy, 1, 60_000)], [false, false, true]);
  });

  it('carries the last failure and names the limit', () => {
    const error = giveUp({ ...WITHOUT_END, attempts: 3 }, { attempts: 3, forMs: 4321 }, LAST);
    assert.equal(error?.code, 'RETRIES_EXHAUSTED');
    const text =
      'given up after 3 more attempts in 4.3 s (MILLRACE_RETRY_ATTEMPTS is 3); the last one: KAFKA_UNREACHABLE: no broker answered';
    assert.equal(error?.message, text);
    assert.deepEqual(error?.details, { brokers: 'k:9092', lastCode: 'KAFKA_UNREACHABLE' });
    const late = giveUp({ ...WITHOUT_END, timeoutMs: 60_000 }, { attempts: 7, forMs: 60_000 }, LAST);
    assert.match(late!.message, /MILLRACE_RETRY_TIMEOUT is 60 s/);
  });
});
