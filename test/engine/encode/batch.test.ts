import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MessageBatch, type MessageProducer, describeMessage } from '../../../engine/encode/batch.ts';
import { Row, ROW_HEADER_BYTES } from '../../../engine/ring/layout.ts';
import { LAYOUT } from '../../../native-bridge/layout.ts';

const WORDS = LAYOUT.MESSAGE_WORDS;

/** The header of a row record, in memory of its own. */
function rowOf(target: number, rowInEpoch: number): Int32Array {
  const words = new Int32Array(ROW_HEADER_BYTES / 4);
  words[Row.target >> 2] = target;
  words[Row.topic >> 2] = target >> 2;
  words[Row.partition >> 2] = target & 3;
  words[Row.rowInEpoch >> 2] = rowInEpoch;
  words[Row.epochAndTable >> 2] = (9 << 16) | 5;
  return words;
}

/** A queue of limited room: takes so many messages of each call, and keeps what it took. */
class Queue implements MessageProducer {
  readonly taken: number[][] = [];
  readonly calls: { count: number; waitMs: number }[] = [];
  private readonly messages: Int32Array;
  private readonly rooms: number[];

  constructor(batch: MessageBatch, rooms: number[] = []) {
    this.messages = batch.messages;
    this.rooms = rooms;
  }

  produce(first: number, count: number, waitMs: number): number {
    this.calls.push({ count, waitMs });
    const takes = Math.min(count, this.rooms.shift() ?? count);
    for (let i = first; i < first + takes; i++) this.taken.push([...this.messages.subarray(i * WORDS, (i + 1) * WORDS)]);
    return takes;
  }
}

const never = () => false;

test('a descriptor says where key and value lie, what topic, partition and row they are', () => {
  const messages = new Int32Array(2 * WORDS);
  describeMessage(messages, 1, rowOf(6, 77), 0, 100, 12, 112, 300);
  assert.deepEqual([...messages.subarray(WORDS)], [100, 12, 112, 300, 1, 2, 77, (9 << 16) | 5]);
});

test('keys and values lie back to back; null ones are -1 and take no bytes', () => {
  const batch = new MessageBatch({ slabBytes: 1000, messages: 8 });
  const queue = new Queue(batch);
  batch.add(rowOf(0, 0), 0, 10, 100);
  assert.equal(batch.slabEnd, 110);
  batch.add(rowOf(0, 1), 0, -1, 50);
  batch.add(rowOf(0, 2), 0, 10, -1);
  batch.add(rowOf(0, 3), 0, 10, 20);
  assert.deepEqual([batch.count, batch.slabEnd, batch.valueBytes], [4, 200, 170]);
  assert.ok(batch.handOver(queue, never, never));
  assert.deepEqual(
    queue.taken.map((message) => message.slice(0, 4)),
    [
      [0, 10, 10, 100],
      [110, -1, 110, 50],
      [160, 10, 170, -1],
      [170, 10, 180, 20],
    ],
  );
  assert.deepEqual([batch.count, batch.slabEnd, batch.valueBytes], [0, 0, 0]);
});

test('whatever the targets and the room of the queue: every message once, each target in order and in one run', () => {
  const targets = fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(LAYOUT.TARGET_SLOTS - 1)), { minLength: 1, maxLength: 64 });
  const batches = fc.array(fc.tuple(targets, fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 12 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(batches, (list) => {
      const batch = new MessageBatch({ slabBytes: 65_536, messages: 64 });
      let row = 0;
      for (const [targetList, rooms] of list) {
        const queue = new Queue(batch, [...rooms]);
        const expected = new Map<number, number[]>();
        for (const target of targetList) {
          expected.set(target, [...(expected.get(target) ?? []), row]);
          batch.add(rowOf(target, row++), 0, 1, 1);
        }
        assert.ok(batch.handOver(queue, never, never));
        // Grouped by target in the order of first appearance: exactly the groups, one after the other.
        const taken = queue.taken.map((message) => [
          message[LAYOUT.MESSAGE_TOPIC]! * 4 + message[LAYOUT.MESSAGE_PARTITION]!,
          message[LAYOUT.MESSAGE_OPAQUE_LOW]!,
        ]);
        assert.deepEqual(
          taken,
          [...expected].flatMap(([target, rows]) => rows.map((number) => [target, number])),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test('a full queue is offered exactly the rest, each time with a bounded wait', () => {
  const batch = new MessageBatch({ slabBytes: 1000, messages: 8 });
  for (let i = 0; i < 5; i++) batch.add(rowOf(i & 1, i), 0, 1, 1);
  const queue = new Queue(batch, [2, 0, 1]);
  let full = 0;
  assert.ok(batch.handOver(queue, () => ++full === 0, never));
  assert.deepEqual(
    queue.calls.map((call) => call.count),
    [5, 3, 3, 2],
  );
  assert.ok(queue.calls.every((call) => call.waitMs > 0 && call.waitMs <= 50));
  assert.equal(full, 3);
});

test('a stop is asked for while the queue is full, and ends the hand-over', () => {
  const batch = new MessageBatch({ slabBytes: 1000, messages: 8 });
  for (let i = 0; i < 3; i++) batch.add(rowOf(0, i), 0, 1, 1);
  const queue = new Queue(batch, [1, 0, 0, 0, 0]);
  let asked = 0;
  assert.equal(
    batch.handOver(queue, () => ++asked === 3, never),
    false,
  );
  assert.equal(queue.taken.length, 1);
  assert.equal(queue.calls.length, 3);
});

test('a target beyond the delivery table is a defect', () => {
  const batch = new MessageBatch({ slabBytes: 1000, messages: 8 });
  for (const target of [-1, LAYOUT.TARGET_SLOTS]) assert.throws(() => batch.add(rowOf(target, 0), 0, 1, 1), { code: 'INTERNAL' });
});

test('what is held back stays, in order, and goes with what comes behind it', () => {
  const targets = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 });
  const rounds = fc.array(fc.tuple(targets, fc.uniqueArray(fc.integer({ min: 0, max: 4 }))), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rounds, (list) => {
      const batch = new MessageBatch({ slabBytes: 65_536, messages: 64 });
      const queue = new Queue(batch);
      let row = 0;
      let waiting: { target: number; row: number; place: number }[] = [];
      for (const [added, held] of [...list, [[0], []] as const]) {
        for (const target of added) {
          waiting.push({ target, row, place: batch.slabEnd });
          batch.add(rowOf(target, row++), 0, 1, 2);
        }
        const isHeld = (target: number) => (held as readonly number[]).includes(target);
        assert.ok(batch.handOver(queue, never, isHeld));
        const taken = queue.taken.splice(0).map((message) => ({
          target: message[LAYOUT.MESSAGE_TOPIC]! * 4 + message[LAYOUT.MESSAGE_PARTITION]!,
          row: message[LAYOUT.MESSAGE_OPAQUE_LOW]!,
          place: message[LAYOUT.MESSAGE_KEY_OFFSET]!,
        }));
        const byTarget = (all: typeof taken) => all.toSorted((a, b) => a.target - b.target);
        assert.deepEqual(
          byTarget(taken),
          byTarget(waiting.filter(({ target }) => !isHeld(target))),
          'each once, its bytes where they were',
        );
        waiting = waiting.filter(({ target }) => isHeld(target));
        assert.deepEqual([batch.count, batch.valueBytes], [waiting.length, 2 * waiting.length]);
      }
      assert.equal(batch.slabEnd, 0);
    }),
    { numRuns: 300 },
  );
});
