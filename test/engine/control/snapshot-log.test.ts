import assert from 'node:assert/strict';
import { it } from 'node:test';
import { snapshotLogger } from '../../../engine/control/snapshot-log.ts';
import { SNAPSHOT, statsOf } from './support.ts';

it('logs how far a snapshot is every ten seconds, and nothing without one', () => {
  const lines: [string, unknown][] = [];
  let now = 0;
  const log = snapshotLogger({ info: (message, details) => lines.push([message, details]) }, () => now);
  for (now = 0; now <= 25_000; now += 1000) log(statsOf({ snapshot: SNAPSHOT }));
  log(statsOf());
  log(null);
  assert.equal(lines.length, 2);
  assert.deepEqual(lines[0], [
    'reading tables: 12.5 %, 1 min 10 s left',
    { rows: 1000, rowsPerSecond: 100, heldBytes: 4_000_000, tables: 'public.orders 10.0 %' },
  ]);
});
