import assert from 'node:assert/strict';
import { it } from 'node:test';
import { progressLine, timeLeft } from '../../../engine/control/progress.ts';
import { SNAPSHOT, statsOf } from './support.ts';

it('the progress line shows rates between two samples, lag and totals', () => {
  const previous = { atMs: 1000, delivered: 1_000_000, deliveredBytes: 400_000_000 };
  const current = { atMs: 3000, delivered: 1_246_912, deliveredBytes: 503_000_000 };
  const line = progressLine('orders', previous, current, statsOf({ lagSeconds: 0.234, inFlight: 4096 }));
  assert.equal(line, 'orders | 123,456 rows/s | 51.5 MB/s | lag 0.2 s | 4,096 in flight | 1,246,912 rows | checkpoint 0/1A2B3C4');
});

it('while tables are read it shows how far they are, and the one that takes longest', () => {
  const previous = { atMs: 0, delivered: 0, deliveredBytes: 0 };
  const current = { atMs: 1000, delivered: 90, deliveredBytes: 9 };
  assert.equal(
    progressLine('orders', previous, current, statsOf({ snapshot: SNAPSHOT })),
    'orders | snapshot 12.5 % | 90 rows/s | 1,000 rows | 1 min 10 s left | public.orders 10.0 %, 1 min 10 s | slot holds 4.0 MB',
  );
  assert.deepEqual([timeLeft(null), timeLeft(7.2), timeLeft(60), timeLeft(7384)], ['?', '8 s', '1 min 00 s', '2 h 03 min']);
});
