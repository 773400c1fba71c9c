import { workerData } from 'node:worker_threads';
import { toErrorRecord } from '../../engine/base/errors.ts';
import { MessageBatch, type MessageProducer } from '../../engine/encode/batch.ts';
import { DeadLetters } from '../../engine/encode/dead-letters.ts';
import { createEncoder } from '../../engine/encode/formats.ts';
import { LargeSlab } from '../../engine/encode/large.ts';
import { LetterCounts } from '../../engine/encode/letter-counts.ts';
import { EncodeLoop } from '../../engine/encode/loop.ts';
import { PushClock } from '../../engine/encode/push-clock.ts';
import type { EncodeWorkerData } from '../../engine/encode/worker-data.ts';
import { ROW_DECODERS } from '../../engine/row-decoders.ts';
import { failRing } from '../../engine/ring/failure.ts';
import { RowEncoder } from '../../native-bridge/row-encoder.ts';

/** The encoder worker with a producer that takes every message and does nothing: what the engine costs without librdkafka. */
const data = workerData as EncodeWorkerData;
const nowhere: MessageProducer = { produce: (_first, count) => count };

try {
  const batch = new MessageBatch(data.batch);
  const large = new LargeSlab(data.large);
  const clock = new PushClock();
  new EncodeLoop({
    ring: data.ring,
    encoder: createEncoder(data.encoder, clock),
    decoders: ROW_DECODERS,
    clock,
    batch,
    rows: new RowEncoder({ ring: new Uint8Array(data.ring.data), slab: batch.slab, messages: batch.messages, targets: batch.targets }),
    producer: nowhere,
    large,
    largeProducer: nowhere,
    isInFlight: () => false,
    deadLetters: new DeadLetters({ produce: () => true, isInFlight: () => false, offsetOf: () => -1 }, new LetterCounts(data.letterCounts)),
  }).run();
} catch (error) {
  failRing(data.ring, toErrorRecord(error));
}
