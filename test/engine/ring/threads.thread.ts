import { parentPort, workerData } from 'node:worker_threads';
import { type RingMemory, RingState } from '../../../engine/ring/layout.ts';
import { RingReader } from '../../../engine/ring/reader.ts';
import { seeded, take } from './rings.ts';

/** Reads a ring to its end in a thread of its own, with random stalls, and says how many records came; dies of one that is out of turn. */
const { ring, seed } = workerData as { ring: RingMemory; seed: number };
const reader = new RingReader(ring);
const random = seeded(seed);
const nap = new Int32Array(new SharedArrayBuffer(4));
let expected = 0;
let sleeps = 0;

for (;;) {
  const state = reader.state;
  if (reader.claim()) {
    while (reader.next()) {
      const number = take(reader);
      if (number !== expected) throw new Error(`record ${number} came in place of ${expected}`);
      expected += 1;
      // Releases come sometimes late and in groups, sometimes at once.
      if (random() < 0.2) reader.release(reader.position);
      if (random() < 0.001) Atomics.wait(nap, 0, 0, random() * 3);
    }
    reader.release(reader.position);
  } else if (state === RingState.ended) {
    break;
  } else {
    sleeps += 1;
    reader.sleep(100);
  }
}
parentPort!.postMessage({ records: expected, sleeps });
