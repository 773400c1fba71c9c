import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MillraceError, toErrorRecord } from '../../../engine/base/errors.ts';
import { NEW_CHANGEFEED, isOver, nextStatus, type ChangefeedEvent, type ChangefeedStatus } from '../../../engine/control/changefeed.ts';
import { WITHOUT_END } from '../../support/retry.ts';

const DIED = toErrorRecord(new MillraceError('CAPTURE_DIED', 'signal SIGKILL'));
const RETRY = toErrorRecord(new MillraceError('KAFKA_UNREACHABLE', 'no broker'));
const HALT = toErrorRecord(new MillraceError('KAFKA_TOPIC_MISSING', 'no topic'));

function after(...events: ChangefeedEvent[]): ChangefeedStatus {
  return events.reduce(nextStatus, NEW_CHANGEFEED);
}
const started = { type: 'started' } as const;
const ready = (nowMs = 0) => ({ type: 'ready', nowMs }) as const;
const exited = (nowMs = 0, retry = WITHOUT_END) => ({ type: 'exited', died: DIED, nowMs, retry }) as const;
const error = (record = RETRY) => ({ type: 'error', error: record }) as const;
const stop = { type: 'stop' } as const;
const pause = { type: 'pause' } as const;
const resume = { type: 'resume' } as const;
const restart = { type: 'restart' } as const;
const finished = { type: 'finished' } as const;

function brief({ state, phase, attempt, restarts, error: why }: ChangefeedStatus): unknown {
  return [state, phase, attempt, restarts, why?.code ?? null];
}

describe('changefeed', () => {
  it('is normal while it streams', () => {
    assert.deepEqual(brief(after(started)), ['normal', 'starting', 0, 0, null]);
    assert.deepEqual(brief(after(started, ready())), ['normal', 'streaming', 0, 0, null]);
  });

  it('restarts after an error that passes by itself, with a warning until it streams again', () => {
    const waiting = after(started, ready(), error(), exited());
    assert.deepEqual(brief(waiting), ['warning', 'waiting', 1, 1, 'KAFKA_UNREACHABLE']);
    const again = nextStatus(waiting, started);
    assert.deepEqual(brief(again), ['warning', 'starting', 1, 1, 'KAFKA_UNREACHABLE']);
    assert.deepEqual(brief(nextStatus(again, ready())), ['normal', 'streaming', 1, 1, null]);
  });

  it('warns while it streams, until its next start', () => {
    const letters = { type: 'warning', error: toErrorRecord(new MillraceError('DEAD_LETTERS', 'a row')) } as const;
    const warned = after(started, ready(), letters);
    assert.deepEqual(brief(warned), ['warning', 'streaming', 0, 0, 'DEAD_LETTERS']);
    assert.deepEqual(brief([restart, exited(), started, ready()].reduce(nextStatus, warned)), ['normal', 'streaming', 0, 0, null]);
    assert.deepEqual(brief([finished, exited()].reduce(nextStatus, warned)), ['finished', 'ended', 0, 0, null]);
    // The error that ends it says more.
    assert.deepEqual(brief(after(started, ready(), error(HALT), letters)), ['normal', 'streaming', 0, 0, 'KAFKA_TOPIC_MISSING']);
    assert.deepEqual(brief(after(started, letters)), ['normal', 'starting', 0, 0, null]);
  });

  it('restarts after a death without a word', () => {
    assert.deepEqual(brief(after(started, exited())), ['warning', 'waiting', 1, 1, 'CAPTURE_DIED']);
  });

  it('tells the reason of the last life, not of one before', () => {
    assert.deepEqual(brief(after(started, error(), exited(), started, exited())), ['warning', 'waiting', 2, 2, 'CAPTURE_DIED']);
  });

  it('counts attempts from the start again after a minute of streaming, restarts for ever', () => {
    const twice = after(started, exited(), started, ready(1000), exited(60_999));
    assert.deepEqual(brief(twice), ['warning', 'waiting', 2, 2, 'CAPTURE_DIED']);
    const steady = after(started, exited(), started, ready(1000), exited(61_000));
    assert.deepEqual(brief(steady), ['warning', 'waiting', 1, 2, 'CAPTURE_DIED']);
  });

  it('is given up after the last attempt in a row, and carries the error of that one', () => {
    const twice = { ...WITHOUT_END, attempts: 2 };
    const waiting = after(started, error(), exited(0, twice), started, error(), exited(10, twice));
    assert.deepEqual(brief(waiting), ['warning', 'waiting', 2, 2, 'KAFKA_UNREACHABLE']);
    const failed = [started, error(), exited(20, twice)].reduce<ChangefeedStatus>(nextStatus, waiting);
    assert.deepEqual(brief(failed), ['failed', 'ended', 2, 2, 'RETRIES_EXHAUSTED']);
    assert.match(failed.error!.message, /KAFKA_UNREACHABLE: no broker/);
    const steady = [started, ready(100), error(), exited(60_100, twice)].reduce<ChangefeedStatus>(nextStatus, waiting);
    assert.deepEqual(brief(steady), ['warning', 'waiting', 1, 3, 'KAFKA_UNREACHABLE'], 'a minute of streaming begins anew');
  });

  it('is given up when it has failed for too long, counted from the first failure since it last streamed for a minute', () => {
    const aMinute = { ...WITHOUT_END, timeoutMs: 60_000 };
    const failing = after(started, exited(1000, aMinute), started, ready(2000), exited(60_999, aMinute));
    assert.deepEqual(brief(failing), ['warning', 'waiting', 2, 2, 'CAPTURE_DIED']);
    const again = [started, exited(61_000, aMinute)].reduce<ChangefeedStatus>(nextStatus, failing);
    assert.deepEqual(brief(again), ['failed', 'ended', 2, 2, 'RETRIES_EXHAUSTED']);
    const asked = [restart, started, exited(61_000, aMinute)].reduce<ChangefeedStatus>(nextStatus, failing);
    assert.deepEqual(brief(asked), ['warning', 'waiting', 1, 3, 'CAPTURE_DIED'], 'a request begins anew');
  });

  it('fails by an error that only a person can solve', () => {
    const failed = after(started, ready(), error(HALT), exited());
    assert.deepEqual(brief(failed), ['failed', 'ended', 0, 0, 'KAFKA_TOPIC_MISSING']);
    assert.ok(isOver(failed));
  });

  it('fails by a refusal at a start, and waits for what it had before', () => {
    const refused = toErrorRecord(new MillraceError('KAFKA_TOPIC_UNAUTHORIZED', 'no'));
    assert.deepEqual(brief(after(started, error(refused), exited())), ['failed', 'ended', 0, 0, 'KAFKA_TOPIC_UNAUTHORIZED']);
    const taken = after(started, ready(), exited(), started, error(refused), exited());
    assert.deepEqual(brief(taken), ['warning', 'waiting', 2, 2, 'KAFKA_TOPIC_UNAUTHORIZED']);
  });

  it('is stopped once it has drained', () => {
    const stopping = after(started, ready(), stop);
    assert.deepEqual(brief(stopping), ['normal', 'draining', 0, 0, null]);
    assert.deepEqual(brief([finished, exited()].reduce<ChangefeedStatus>(nextStatus, stopping)), ['stopped', 'ended', 0, 0, null]);
  });

  it('drains also when it is stopped before it streams', () => {
    assert.deepEqual(brief(after(started, stop, ready())), ['normal', 'draining', 0, 0, null]);
  });

  it('is stopped at once between two captures', () => {
    const stopped = after(started, exited(), stop);
    assert.equal(stopped.state, 'stopped');
    assert.ok(isOver(stopped));
  });

  it('fails when it ends without having drained', () => {
    assert.deepEqual(brief(after(started, ready(), stop, exited())), ['failed', 'ended', 0, 0, 'CAPTURE_DIED']);
    assert.deepEqual(brief(after(started, ready(), stop, error(), exited())), ['failed', 'ended', 0, 0, 'KAFKA_UNREACHABLE']);
  });

  it('is paused once it has drained, and goes on when it is asked to', () => {
    const pausing = after(started, ready(), pause);
    assert.deepEqual(brief(pausing), ['normal', 'draining', 0, 0, null]);
    const paused = [finished, exited()].reduce<ChangefeedStatus>(nextStatus, pausing);
    assert.deepEqual(brief(paused), ['stopped', 'paused', 0, 0, null]);
    assert.ok(!isOver(paused));
    const resumed = nextStatus(paused, resume);
    assert.deepEqual([resumed.wanted, ...(brief(resumed) as unknown[])], ['run', 'normal', 'starting', 0, 0, null]);
    assert.deepEqual(brief([started, ready()].reduce<ChangefeedStatus>(nextStatus, resumed)), ['normal', 'streaming', 0, 0, null]);
    assert.ok(isOver(nextStatus(paused, stop)));
  });

  it('is paused also when its capture ends otherwise, and says why', () => {
    assert.deepEqual(brief(after(started, ready(), pause, exited())), ['stopped', 'paused', 0, 0, 'CAPTURE_DIED']);
    assert.deepEqual(brief(after(started, ready(), pause, error(HALT), exited())), ['stopped', 'paused', 0, 0, 'KAFKA_TOPIC_MISSING']);
    assert.deepEqual(brief(after(started, error(), exited(), pause)), ['stopped', 'paused', 1, 1, 'KAFKA_UNREACHABLE']);
  });

  it('starts anew at once when it waits, is paused, or has drained, and counts no restart for it', () => {
    assert.deepEqual(brief(after(started, error(), exited(), restart)), ['warning', 'starting', 0, 1, 'KAFKA_UNREACHABLE']);
    assert.deepEqual(brief(after(started, error(), exited(), pause, restart)), ['warning', 'starting', 0, 1, 'KAFKA_UNREACHABLE']);
    assert.deepEqual(brief(after(started, ready(), restart)), ['normal', 'draining', 0, 0, null]);
    assert.deepEqual(brief(after(started, ready(), restart, finished, exited())), ['normal', 'starting', 0, 0, null]);
    assert.deepEqual(brief(after(started, ready(), restart, exited())), ['warning', 'starting', 0, 0, 'CAPTURE_DIED']);
  });

  it('that is pausing goes on at once when it is resumed meanwhile', () => {
    const resumed = after(started, ready(), pause, resume);
    assert.deepEqual([resumed.wanted, resumed.phase], ['resume', 'draining']);
    assert.equal(nextStatus(nextStatus(resumed, finished), exited()).phase, 'starting');
  });

  it('takes no request twice, and none after a stop or an end', () => {
    const streaming = after(started, ready());
    assert.equal(nextStatus(streaming, resume), streaming);
    for (const status of [after(started, ready(), stop), after(started, ready(), error(HALT), exited())]) {
      for (const request of [pause, resume, stop]) assert.equal(nextStatus(status, request), status);
    }
    const stopped = after(started, ready(), stop, finished, exited());
    assert.equal(nextStatus(stopped, restart), stopped);
    const pausing = after(started, ready(), pause);
    assert.equal(nextStatus(pausing, pause), pausing);
    assert.equal(nextStatus(pausing, stop).wanted, 'stop');
  });

  it('begins again after an end of its own when it is asked to', () => {
    const failed = after(started, ready(), error(HALT), exited());
    assert.deepEqual(brief(nextStatus(failed, restart)), ['warning', 'starting', 0, 0, 'KAFKA_TOPIC_MISSING']);
    assert.deepEqual(brief(after(started, ready(), finished, exited(), restart)), ['normal', 'starting', 0, 0, null]);
  });

  it('is finished when the capture ends by itself', () => {
    assert.deepEqual(brief(after(started, ready(), finished, exited())), ['finished', 'ended', 0, 0, null]);
  });
});
