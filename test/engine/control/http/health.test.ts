import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MillraceError, toErrorRecord } from '../../../../engine/base/errors.ts';
import { CaptureWatch } from '../../../../engine/control/capture-watch.ts';
import { NEW_CHANGEFEED, nextStatus, type ChangefeedStatus } from '../../../../engine/control/changefeed.ts';
import { STALL_MS, activityOf, healthOf } from '../../../../engine/control/http/health.ts';
import type { CaptureStats } from '../../../../engine/control/messages.ts';
import { WITHOUT_END } from '../../../support/retry.ts';
import { READY, SNAPSHOT, statsOf } from '../support.ts';

const STREAMING: ChangefeedStatus = nextStatus(nextStatus(NEW_CHANGEFEED, { type: 'started' }), { type: 'ready', nowMs: 0 });
const UNREACHABLE = toErrorRecord(new MillraceError('KAFKA_UNREACHABLE', 'no broker answered'));

/** A watch with statistics once a second for 30 s: `at(second)` of what they hold. */
function watchOf(at: (second: number) => Partial<CaptureStats>): CaptureWatch {
  const watch = new CaptureWatch();
  watch.setReady(READY, 0);
  for (let second = 1; second <= 30; second++) watch.addStats(statsOf(at(second)), second * 1000);
  return watch;
}

function reasonOf(at: (second: number) => Partial<CaptureStats>): string | null {
  return healthOf(STREAMING, watchOf(at), 30_000).reason;
}

const checkpoint = (stores: number, behindMs: number) => ({ position: '0/AB', stores, behindMs });

describe('readiness', () => {
  it('is given while rows flow', () => {
    assert.deepEqual(
      healthOf(
        STREAMING,
        watchOf((s) => ({ rows: s, delivered: s, inFlight: 5, checkpoint: checkpoint(s, 900) })),
        30_000,
      ),
      {
        ready: true,
        reason: null,
      },
    );
  });

  it('is given to an idle stream', () => {
    assert.equal(
      reasonOf(() => ({})),
      null,
    );
  });

  it('is given at the first row after a long silence', () => {
    assert.equal(
      reasonOf((s) => (s < 30 ? {} : { rows: 1, inFlight: 1, epochsOpen: 1, checkpoint: checkpoint(0, 500) })),
      null,
    );
  });

  it('is given in the middle of one long transaction', () => {
    assert.equal(
      reasonOf((s) => ({ rows: s * 1e5, delivered: s * 9e4, inFlight: 1e4, epochsOpen: 1, checkpoint: checkpoint(0, s * 1000) })),
      null,
    );
  });

  it('is given while backpressure lasts but deliveries go on', () => {
    const source = { ...statsOf().source, stalled: true };
    assert.equal(
      reasonOf((s) => ({ rows: s, delivered: s, source, checkpoint: checkpoint(s, 1500) })),
      null,
    );
  });

  it('is refused without a connection', () => {
    assert.equal(
      reasonOf(() => ({ source: { ...statsOf().source, connected: false } })),
      'there is no connection to the database',
    );
  });

  it('is refused when nothing is delivered', () => {
    const reason = reasonOf((s) => ({
      rows: s * 10,
      delivered: Math.min(s, 5),
      inFlight: 77,
      checkpoint: checkpoint(1, Math.max(0, s - 5) * 1000),
    }));
    assert.equal(reason, 'rows were read, and for 25 s none was delivered and no checkpoint was stored (77 in flight)');
  });

  it('is refused when one partition stands still while others move', () => {
    const partition = { topic: 'orders', offset: 0, deliveredBytes: 0, inFlight: 3, lag: 3 };
    const reason = reasonOf((s) => ({
      delivered: s,
      partitions: [
        { ...partition, partition: 0, delivered: s },
        { ...partition, partition: 4, delivered: 9 },
      ],
    }));
    assert.equal(reason, 'partition orders/4 has messages under way and has acknowledged none for 29 s');
  });

  it('is refused when rows are delivered and the checkpoint does not move', () => {
    const reason = reasonOf((s) => ({ rows: s, delivered: s, epochsOpen: 2 + s, checkpoint: checkpoint(0, s * 1000) }));
    assert.equal(reason, 'the checkpoint has stood at 0/AB for 29 s while rows were delivered');
  });

  it('is refused when the capture says nothing', () => {
    assert.equal(
      healthOf(
        STREAMING,
        watchOf(() => ({})),
        30_000 + STALL_MS,
      ).reason,
      null,
    );
    assert.equal(
      healthOf(
        STREAMING,
        watchOf(() => ({})),
        30_001 + STALL_MS,
      ).reason,
      'the capture process has said nothing for 10 s',
    );
  });

  it('is refused with the reason while there is no stream', () => {
    const watch = new CaptureWatch();
    const reason = (status: ChangefeedStatus): string | null => healthOf(status, watch, 0).reason;
    const waiting = [
      { type: 'error', error: UNREACHABLE } as const,
      { type: 'exited', died: UNREACHABLE, nowMs: 0, retry: WITHOUT_END } as const,
    ].reduce<ChangefeedStatus>(nextStatus, STREAMING);
    assert.equal(reason(NEW_CHANGEFEED), 'the capture process is starting');
    assert.equal(reason(waiting), 'the capture process waits before restart 1: KAFKA_UNREACHABLE: no broker answered');
    assert.equal(
      reason(nextStatus(waiting, { type: 'started' })),
      'the capture process is restarting: KAFKA_UNREACHABLE: no broker answered',
    );
    assert.equal(reason(nextStatus(STREAMING, { type: 'stop' })), 'the changefeed is stopping');
    assert.equal(reason(nextStatus(STREAMING, { type: 'pause' })), 'the changefeed is pausing');
    assert.equal(reason(nextStatus(STREAMING, { type: 'restart' })), 'the changefeed is restarting');
    assert.equal(reason(nextStatus(waiting, { type: 'pause' })), 'the changefeed is paused: KAFKA_UNREACHABLE: no broker answered');
    assert.equal(
      reason({ ...waiting, state: 'failed', phase: 'ended' }),
      'the changefeed is failed: KAFKA_UNREACHABLE: no broker answered',
    );
  });
});

describe('brokers that take less than the database sends', () => {
  const full = { queueFill: 0.98, throttled: false, throttledMs: 0 };
  const slow = (producer: typeof full) => (s: number) => ({ rows: s * 4, delivered: s, deliveredBytes: s * 1e6, producer });

  it('are progress, and it is said that they set the pace', () => {
    const watch = watchOf(slow(full));
    assert.equal(healthOf(STREAMING, watch, 30_000).reason, null);
    const activity = 'the brokers have taken less than the database sends for 29 s (1.0 MB/s), and it is read no faster';
    assert.equal(activityOf(watch, 30_000), activity);
    const throttled = watchOf(slow({ ...full, throttled: true }));
    assert.equal(activityOf(throttled, 30_000), `${activity}; a quota of the brokers holds Millrace back`);
  });

  it('are not complained of for a burst', () => {
    const burst = watchOf((s) => slow({ ...full, queueFill: s > 22 ? 0.98 : 0.1 })(s));
    assert.equal(activityOf(burst, 30_000), null);
    const over = watchOf((s) => slow({ ...full, queueFill: s < 30 ? 0.98 : 0.7 })(s));
    assert.equal(activityOf(over, 30_000), null);
  });

  it('that hold it back by a quota say so, also when nothing moves', () => {
    const producer = { queueFill: 0.1, throttled: true, throttledMs: 500 };
    assert.equal(
      activityOf(
        watchOf((s) => ({ delivered: s, producer })),
        30_000,
      ),
      'a quota of the brokers holds Millrace back',
    );
    assert.match(
      reasonOf(() => ({ source: { ...statsOf().source, connected: false }, producer }))!,
      /database; a quota of the brokers/,
    );
  });
});

describe('a snapshot', () => {
  const source = { ...statsOf().source, connected: false };

  it('is progress while rows are read or delivered, though there is no stream yet', () => {
    const reading = watchOf((s) => ({ source, snapshot: { ...SNAPSHOT, rows: s } }));
    assert.equal(healthOf(STREAMING, reading, 30_000).reason, null);
    assert.equal(activityOf(reading, 30_000), 'a snapshot is being read: 12.5 %, 100 rows/s');
    assert.equal(
      reasonOf((s) => ({ source, delivered: s, snapshot: SNAPSHOT })),
      null,
    );
    const idle = watchOf(() => ({}));
    assert.equal(activityOf(idle, 30_000), null);
  });

  it('that stands still says so', () => {
    const reason = reasonOf(() => ({ source, snapshot: SNAPSHOT }));
    assert.match(reason!, /^a snapshot is being read, and for \d+ s no row of it was read or delivered \(12\.5 % are\)$/);
  });
});
