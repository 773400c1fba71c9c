import { parentPort, workerData } from 'node:worker_threads';
import { attachLane, detachLane, produce, produceHeaded } from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { RowEncoder } from '../../native-bridge/row-encoder.ts';
import { toErrorRecord } from '../base/errors.ts';
import { failRing } from '../ring/failure.ts';
import { ROW_DECODERS } from '../row-decoders.ts';
import { MessageBatch, type MessageProducer } from './batch.ts';
import { DeadLetters } from './dead-letters.ts';
import { createEncoder } from './formats.ts';
import { LargeSlab } from './large.ts';
import { LetterCounts } from './letter-counts.ts';
import { EncodeLoop } from './loop.ts';
import { PushClock } from './push-clock.ts';
import type { EncodeWorkerData } from './worker-data.ts';

/**
 * An encoder worker: wires one ring to the format and the producer, and never returns to the event loop until the ring has ended.
 * What kills it goes into the ring before the thread exits; `pool.ts` takes it from there.
 */
const data = workerData as EncodeWorkerData;

try {
  run();
} catch (error) {
  failRing(data.ring, toErrorRecord(error));
}

function isInFlight(target: number): boolean {
  return Atomics.load(data.delivery, LAYOUT.TARGETS + target * LAYOUT.TARGET_WORDS + LAYOUT.TARGET_IN_FLIGHT) > 0;
}

/** Last delivered offset + 1; -1 before the first delivery. */
function offsetOf(target: number): number {
  const word = LAYOUT.TARGETS + target * LAYOUT.TARGET_WORDS;
  const offsets = new BigInt64Array(data.delivery.buffer, data.delivery.byteOffset + word * 4, 1);
  return Number(Atomics.load(offsets, LAYOUT.TARGET_OFFSET >> 1)) || -1;
}

function run(): void {
  const batch = new MessageBatch(data.batch);
  const large = new LargeSlab(data.large);
  const lane = attachLane({ slab: batch.slab, messages: batch.messages });
  const largeLane = attachLane({ slab: large.slab, messages: large.messages });
  const ring = new Uint8Array(data.ring.data);
  const rows = new RowEncoder({ ring, slab: batch.slab, messages: batch.messages, targets: batch.targets });
  const through = (laneId: typeof lane): MessageProducer => ({
    produce: (first, count, waitMs) => produce(laneId, data.producer, first, count, waitMs),
  });
  try {
    const clock = new PushClock();
    const encoder = createEncoder(data.encoder, clock);
    // The pool's `started`; what it says does not matter.
    parentPort!.postMessage(null);
    const loop = {
      ring: data.ring,
      encoder,
      decoders: ROW_DECODERS,
      clock,
      batch,
      rows,
      producer: through(lane),
      large,
      largeProducer: through(largeLane),
      isInFlight,
      deadLetters: new DeadLetters(
        {
          produce: (message, bytes, headers, waitMs) => produceHeaded(data.producer, message, bytes, headers, waitMs),
          isInFlight,
          offsetOf,
        },
        new LetterCounts(data.letterCounts),
      ),
    };
    new EncodeLoop(loop).run();
  } finally {
    detachLane(lane);
    detachLane(largeLane);
    rows.close();
  }
}
