import assert from 'node:assert/strict';
import { it } from 'node:test';
import { progressLine } from '../../../engine/control/progress.ts';
import { statsOf } from './support.ts';

it('the progress line shows rates between two samples, lag and totals', () => {
  const previous = { atMs: 1000, delivered: 1_000_000, deliveredBytes: 400_000_000 };
  const current = { atMs: 3000, delivered: 1_246_912, deliveredBytes: 503_000_000 };
  const line = progressLine('orders', previous, current, statsOf({ lagSeconds: 0.234, inFlight: 4096 }));
  assert.equal(line, 'orders | 123,456 rows/s | 51.5 MB/s | lag 0.2 s | 4,096 in flight | 1,246,912 rows | checkpoint 0/1A2B3C4');
});
