import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CaptureWatch } from '../../../engine/control/capture-watch.ts';
import type { PartitionStats } from '../../../engine/control/messages.ts';
import { READY, statsOf } from './support.ts';

const partition = (number: number, delivered: number, inFlight: number): PartitionStats => {
  return { topic: 'orders', partition: number, offset: delivered, delivered, deliveredBytes: 0, inFlight, lag: inFlight };
};
const stores = (count: number) => ({ position: '0/1', stores: count, behindMs: 0 });

describe('watch over a capture', () => {
  it('adds the counters of all its lives', () => {
    const watch = new CaptureWatch();
    watch.setReady(READY, 0);
    const throttled = (throttledMs: number) => ({ queueFill: 0, throttled: true, throttledMs });
    watch.addStats(statsOf({ rows: 5, delivered: 4, checkpoint: stores(2), deadLetters: { VALUE_INVALID: 1 } }), 1);
    watch.addStats(
      statsOf({ rows: 10, delivered: 9, checkpoint: stores(3), producer: throttled(70), deadLetters: { VALUE_INVALID: 2 } }),
      2,
    );
    watch.captureEnded();
    assert.equal(watch.stats, null);
    assert.equal(watch.ready, null);
    assert.equal(watch.totals().rows, 10);
    watch.addStats(
      statsOf({
        rows: 1,
        delivered: 1,
        checkpoint: stores(1),
        producer: throttled(5),
        deadLetters: { KEY_TOO_LARGE: 1, VALUE_INVALID: 1 },
      }),
      3,
    );
    assert.deepEqual(
      { ...watch.totals() },
      {
        rows: 11,
        truncates: 0,
        delivered: 10,
        deliveredBytes: 0,
        failed: 0,
        throttledMs: 75,
        stores: 4,
        receivedBytes: 0,
        transactions: 0,
        reconnects: 0,
        deadLetters: { KEY_TOO_LARGE: 1, VALUE_INVALID: 3 },
      },
    );
  });

  it('sees progress in deliveries and in stores', () => {
    const watch = new CaptureWatch();
    watch.setReady(READY, 0);
    watch.addStats(statsOf({ rows: 9 }), 1);
    assert.equal(watch.progressAtMs, 0);
    watch.addStats(statsOf({ rows: 9, delivered: 1 }), 2);
    assert.equal(watch.progressAtMs, 2);
    watch.addStats(statsOf({ rows: 10, delivered: 1, checkpoint: stores(1) }), 3);
    assert.equal(watch.progressAtMs, 3);
    watch.addStats(statsOf({ rows: 11, delivered: 1, checkpoint: stores(1) }), 4);
    assert.equal(watch.progressAtMs, 3);
  });

  it('sees epochs that wait, from the first look to the next store', () => {
    const watch = new CaptureWatch();
    watch.addStats(statsOf({ epochsOpen: 2 }), 1);
    assert.equal(watch.epochsWaitSinceMs, null);
    watch.addStats(statsOf({ epochsOpen: 3 }), 2);
    watch.addStats(statsOf({ epochsOpen: 4 }), 3);
    assert.equal(watch.epochsWaitSinceMs, 2);
    watch.addStats(statsOf({ epochsOpen: 4, checkpoint: stores(1) }), 4);
    assert.equal(watch.epochsWaitSinceMs, null);
  });

  it('finds the partition that has stood still longest with messages under way', () => {
    const watch = new CaptureWatch();
    watch.addStats(statsOf({ partitions: [partition(0, 5, 1), partition(1, 5, 1), partition(2, 5, 0)] }), 1);
    watch.addStats(statsOf({ partitions: [partition(0, 5, 1), partition(1, 6, 1), partition(2, 5, 1)] }), 2);
    assert.deepEqual(watch.slowestPartition(), { name: 'orders/0', sinceMs: 1 });
    watch.addStats(statsOf({ partitions: [partition(0, 5, 0), partition(1, 6, 1), partition(2, 5, 1)] }), 3);
    assert.equal(watch.slowestPartition()?.sinceMs, 2);
    watch.addStats(statsOf({ partitions: [partition(0, 5, 0), partition(1, 6, 0), partition(2, 5, 0)] }), 4);
    assert.equal(watch.slowestPartition(), null);
  });

  it('remembers over the end of a capture what it was begun with, what it stored and when it delivered', () => {
    const watch = new CaptureWatch();
    assert.deepEqual([watch.lastReady, watch.rowsExported, watch.checkpoint, watch.lastExportTime], [null, null, null, null]);
    watch.setReady(READY, 0);
    watch.addStats(statsOf({ delivered: 5, rowsExported: 105, checkpoint: stores(1) }), 1000, new Date(1_700_000_000_000));
    watch.addStats(
      statsOf({ delivered: 5, rowsExported: 105, checkpoint: { ...stores(1), position: '' } }),
      2000,
      new Date(1_700_000_001_000),
    );
    watch.captureEnded();
    assert.deepEqual(
      [watch.lastReady, watch.rowsExported, watch.checkpoint, watch.lastExportTime],
      [READY, 105, '0/1', '2023-11-14T22:13:20.000Z'],
    );
  });

  it('tells how fast messages are delivered, in all and by partition', () => {
    const watch = new CaptureWatch();
    assert.deepEqual(watch.throughput(), { messages: 0, bytes: 0 });
    watch.setReady(READY, 0);
    for (let second = 1; second <= 20; second++) {
      const partitions = [partition(0, second * 30, 0), partition(1, second * 70, 0)];
      watch.addStats(statsOf({ delivered: second * 100, deliveredBytes: second * 4000, partitions }), second * 1000);
    }
    assert.deepEqual(watch.throughput(), { messages: 100, bytes: 4000 });
    assert.deepEqual([watch.partitionThroughput(0), watch.partitionThroughput(1)], [30, 70]);
    assert.deepEqual(
      watch.history
        .since(0)
        .slice(-2)
        .map(({ rowsPerSecond, bytesPerSecond }) => [rowsPerSecond, bytesPerSecond]),
      [
        [100, 4000],
        [100, 4000],
      ],
    );
    watch.addStats(statsOf({ delivered: 2050, deliveredBytes: 82_000 }), 20_001);
    assert.equal(watch.history.since(0).at(-1)?.rowsPerSecond, 50, 'two in one moment make no burst');
    watch.captureEnded();
    watch.setReady(READY, 60_000);
    watch.addStats(statsOf({ delivered: 10 }), 61_000);
    assert.equal(watch.throughput().messages, 10, 'another capture counts from 0 on');
  });
});
