import { workerData } from 'node:worker_threads';
import type { EncodeWorkerData } from '../../../engine/encode/worker-data.ts';
import { RingState } from '../../../engine/ring/layout.ts';
import { RingReader } from '../../../engine/ring/reader.ts';

/** A worker that waits for its first record and then ends, in the way that its "producer" is the number of. */
const data = workerData as EncodeWorkerData;
const reader = new RingReader(data.ring);

/** In the order of `END_NAMES`. */
const ENDS: readonly (() => void)[] = [
  () => process.exit(3),
  () => {
    const hoard: number[][] = [];
    for (;;) hoard.push(Array.from({ length: 1_000_000 }, () => 0.5));
  },
  () => {
    throw new TypeError('beyond repair');
  },
  () => undefined,
  () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
];

while (reader.state === RingState.open && !reader.claim()) reader.sleep(100);
if (reader.state === RingState.open) {
  // One record's room tells the test that the worker has begun.
  reader.next();
  reader.release(reader.position);
  ENDS[data.producer]!();
}
