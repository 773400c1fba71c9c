import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeadLetterRoute } from '../../../engine/change/dead-letter.ts';
import { MessageBatch } from '../../../engine/encode/batch.ts';
import { DeadLetters } from '../../../engine/encode/dead-letters.ts';
import { createEncoder } from '../../../engine/encode/formats.ts';
import { LargeSlab, allocateLarge } from '../../../engine/encode/large.ts';
import { EncodeLoop } from '../../../engine/encode/loop.ts';
import { LetterCounts } from '../../../engine/encode/letter-counts.ts';
import { PushClock } from '../../../engine/encode/push-clock.ts';
import { LAYOUT } from '../../../native-bridge/layout.ts';
import { bothEnds } from '../ring/rings.ts';
import { MAXWELL, numberedTable, publish, putRow, writeSchema } from './workers.ts';

const ROUTE: DeadLetterRoute = {
  changefeed: 'f',
  form: 'row',
  index: 9,
  partitions: 1,
  targetBase: 9,
  bytesMax: 90_000,
  topics: ['t', 't', 't'],
};
const insert = (id: string, text: string) => ({ operation: 'insert', key: `{"id":${id}}`, new: [id, text] }) as const;
const TO = { topic: 0, partition: 0, target: 0, sizeLimit: 300 };

/** A loop that writes down what it hands over, and where the ring's reader stands then. */
async function loopOf(deadLetters: DeadLetterRoute | null, largeBytes = 100_000) {
  const { writer } = bothEnds({ sideBytes: 200_000 });
  const batch = new MessageBatch({ slabBytes: 1024, messages: 16 });
  const large = new LargeSlab(allocateLarge(largeBytes));
  const handed: string[] = [];
  const marks: number[] = [];
  const counts = new LetterCounts();
  const released = () => marks.filter((mark) => writer.hasPassed(mark)).length;
  const keyOf = (slab: Uint8Array, messages: Int32Array, index: number) => {
    const at = index * LAYOUT.MESSAGE_WORDS;
    const start = messages[at + LAYOUT.MESSAGE_KEY_OFFSET]!;
    return Buffer.from(slab.slice(start, start + messages[at + LAYOUT.MESSAGE_KEY_LENGTH]!)).toString();
  };
  const taking = ({ slab, messages }: { slab: Uint8Array; messages: Int32Array }) => ({
    produce: (first: number, count: number) => {
      for (let i = first; i < first + count; i++) handed.push(keyOf(slab, messages, i));
      return count;
    },
  });
  const clock = new PushClock();
  const loop = new EncodeLoop({
    ring: writer.memory,
    encoder: createEncoder(MAXWELL, clock),
    decoders: {},
    clock,
    batch,
    rows: null,
    producer: taking(batch),
    large,
    largeProducer: taking(large),
    isInFlight: () => false,
    deadLetters: new DeadLetters(
      {
        produce: (message, bytes) => handed.push(`letter ${keyOf(bytes, message, 0)}, ${released()} released`) > 0,
        isInFlight: () => false,
        offsetOf: () => -1,
      },
      counts,
    ),
  });
  await writeSchema(writer, numberedTable(1), deadLetters);
  const put = (id: string, text: string) => {
    putRow(writer, insert(id, text), TO);
    marks.push(writer.position);
  };
  const run = () => {
    publish(writer);
    writer.finish();
    loop.run();
  };
  return { put, run, handed, counts, released };
}

test('rows that cannot be sent are letters in their place: what came before is handed over first, and the ring is theirs until then', async () => {
  const { put, run, handed, counts, released } = await loopOf(ROUTE);
  put('1', 'small');
  put('2', 'x'.repeat(400));
  put('3', 'small');
  put('wrong', 'small');
  put('5', 'x'.repeat(2000));
  put('6', 'small');
  run();
  assert.deepEqual(handed, [
    '{"id":1}',
    'letter {"id":2}, 1 released',
    '{"id":3}',
    'letter {"id":wrong}, 3 released',
    'letter {"id":5}, 4 released',
    '{"id":6}',
  ]);
  assert.deepEqual([counts.byReason(), counts.ofTarget(0), released()], [{ MESSAGE_TOO_LARGE: 2, VALUE_INVALID: 1 }, 3, 6]);
});

test('one that no memory is large enough for gives back the place of large messages', async () => {
  const { put, run, handed } = await loopOf(ROUTE, 2000);
  for (const id of ['1', '2']) put(id, 'x'.repeat(5000));
  put('3', 'small');
  run();
  assert.deepEqual(handed, ['letter {"id":1}, 0 released', 'letter {"id":2}, 1 released', '{"id":3}']);
});

test('without a topic for them they are errors, before anything else is handed over', async () => {
  const { put, run, handed } = await loopOf(null);
  put('1', 'small');
  put('wrong', 'small');
  assert.throws(run, { code: 'VALUE_INVALID' });
  assert.deepEqual(handed, []);
});
