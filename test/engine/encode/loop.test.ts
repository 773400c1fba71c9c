import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageBatch, type MessageProducer } from '../../../engine/encode/batch.ts';
import { DeadLetters } from '../../../engine/encode/dead-letters.ts';
import { createEncoder } from '../../../engine/encode/formats.ts';
import { LargeSlab, allocateLarge } from '../../../engine/encode/large.ts';
import { LetterCounts } from '../../../engine/encode/letter-counts.ts';
import { EncodeLoop } from '../../../engine/encode/loop.ts';
import { PushClock } from '../../../engine/encode/push-clock.ts';
import { readCounters } from '../../../engine/ring/counters.ts';
import { LAYOUT } from '../../../native-bridge/layout.ts';
import { RowEncoder } from '../../../native-bridge/row-encoder.ts';
import { bothEnds } from '../ring/rings.ts';
import { MAXWELL, numberedTable, publish, putRow, writeSchema } from './workers.ts';

/** Keeps the values that it took; `before` is called before each call with the number of the call and says how many it may take. */
class Queue implements MessageProducer {
  readonly values: string[] = [];
  calls = 0;
  private readonly memory: { slab: Uint8Array; messages: Int32Array };
  private readonly room: (call: number) => number;

  constructor(memory: { slab: Uint8Array; messages: Int32Array }, room: (call: number) => number) {
    this.memory = memory;
    this.room = room;
  }

  produce(first: number, count: number): number {
    const takes = Math.min(count, this.room(this.calls++));
    const { slab, messages } = this.memory;
    for (let i = first; i < first + takes; i++) {
      const at = i * LAYOUT.MESSAGE_WORDS;
      const start = messages[at + LAYOUT.MESSAGE_VALUE_OFFSET]!;
      this.values.push(Buffer.from(slab.slice(start, start + messages[at + LAYOUT.MESSAGE_VALUE_LENGTH]!)).toString());
    }
    return takes;
  }
}

interface LoopOptions {
  readonly slabBytes?: number;
  readonly messages?: number;
  readonly largeBytes?: number;
  readonly room?: (call: number) => number;
  readonly largeRoom?: (call: number) => number;
  readonly isInFlight?: (target: number) => boolean;
  /** Whether usual rows are native code's. */
  readonly isNative?: boolean;
}

async function makeLoop(options: LoopOptions = {}) {
  const ends = bothEnds({ sideBytes: 200_000 });
  const batch = new MessageBatch({ slabBytes: options.slabBytes ?? 4096, messages: options.messages ?? 16 });
  const large = new LargeSlab(allocateLarge(options.largeBytes ?? 100_000));
  const producer = new Queue(batch, options.room ?? (() => Infinity));
  const largeProducer = new Queue(large, options.largeRoom ?? (() => Infinity));
  const clock = new PushClock();
  const ring = new Uint8Array(ends.writer.memory.data);
  const loop = new EncodeLoop({
    ring: ends.writer.memory,
    encoder: createEncoder(MAXWELL, clock),
    decoders: {},
    clock,
    batch,
    rows: options.isNative === true ? new RowEncoder({ ring, slab: batch.slab, messages: batch.messages, targets: batch.targets }) : null,
    producer,
    large,
    largeProducer,
    isInFlight: options.isInFlight ?? (() => false),
    deadLetters: new DeadLetters({ produce: () => true, isInFlight: () => false, offsetOf: () => -1 }, new LetterCounts()),
  });
  await writeSchema(ends.writer, numberedTable(1));
  return { ...ends, loop, producer, largeProducer };
}

const to = { topic: 0, partition: 0, target: 0 };
const insert = (id: number, length: number) =>
  ({ operation: 'insert', key: `{"id":${id}}`, new: [String(id), 'x'.repeat(length)] }) as const;
const idOf = (value: string) => (JSON.parse(value) as { data: { id: number } }).data.id;

/** A test of loops with native code and without. */
function both(name: string, run: (loopOf: typeof makeLoop) => Promise<void>): void {
  for (const isNative of [false, true]) {
    test(`${name}${isNative ? ', native' : ''}`, () => run((options) => makeLoop({ ...options, isNative })));
  }
}

both('a ring that ended is drained whole, in batches no larger than the table and the slab', async (loopOf) => {
  const { writer, loop, producer } = await loopOf();
  for (let id = 0; id < 100; id++) putRow(writer, insert(id, id < 50 ? 5 : 400), to);
  publish(writer);
  writer.finish();
  loop.run();
  assert.deepEqual(
    producer.values.map(idOf),
    Array.from({ length: 100 }, (_, id) => id),
  );
  assert.ok(producer.calls >= 4 + 50 / 8);
  assert.ok(writer.drained);
  const counters = readCounters(writer.memory);
  assert.deepEqual([counters.rows, counters.batches, counters.queueFull], [100, producer.calls, 0]);
  assert.equal(
    counters.valueBytes,
    producer.values.reduce((sum, value) => sum + value.length, 0),
  );
});

both('the ring is released only up to what the producer has taken', async (loopOf) => {
  const marks: number[] = [];
  const released: boolean[][] = [];
  const room = () => {
    released.push(marks.map((mark) => writer.hasPassed(mark)));
    return 1;
  };
  const { writer, loop, producer } = await loopOf({ messages: 2, room });
  for (let id = 0; id < 6; id++) {
    putRow(writer, insert(id, 10), to);
    marks.push(writer.position);
  }
  publish(writer);
  writer.finish();
  loop.run();
  assert.equal(producer.values.length, 6);
  // Two calls for each batch of two; while a batch is offered, exactly the batches before it are released.
  assert.deepEqual(
    released,
    [0, 0, 2, 2, 4, 4].map((count) => marks.map((_, i) => i < count)),
  );
  assert.ok(writer.drained);
});

both('a stopped ring ends the loop without handing over what is left', async (loopOf) => {
  const { writer, loop, producer } = await loopOf();
  putRow(writer, insert(0, 10), to);
  publish(writer);
  writer.stop();
  loop.run();
  assert.equal(producer.calls, 0);
  assert.equal(writer.drained, false);
});

both('a stop while the queue is full leaves at once and releases nothing that was not taken', async (loopOf) => {
  const { writer, loop, producer } = await loopOf({
    room: (call) => {
      if (call === 3) writer.stop();
      return call === 0 ? 1 : 0;
    },
  });
  for (let id = 0; id < 5; id++) putRow(writer, insert(id, 10), to);
  publish(writer);
  const before = writer.used;
  loop.run();
  assert.deepEqual([producer.calls, producer.values.length], [4, 1]);
  assert.equal(writer.used, before);
  assert.equal(readCounters(writer.memory).queueFull, 4);
});

both('a message larger than the slab goes out alone between those before and after it', async (loopOf) => {
  const order: string[] = [];
  const { writer, loop, producer, largeProducer } = await loopOf({
    room: () => (order.push('batch'), Infinity),
    largeRoom: (call) => (order.push('large'), call === 0 ? 0 : 1),
  });
  [10, 5000, 10, 30_000, 40_000].forEach((length, id) => assert.ok(putRow(writer, insert(id, length), to)));
  publish(writer);
  writer.finish();
  loop.run();
  assert.deepEqual(order, ['batch', 'large', 'large', 'batch', 'large', 'large']);
  assert.deepEqual(producer.values.map(idOf), [0, 2]);
  assert.deepEqual(largeProducer.values.map(idOf), [1, 3, 4]);
  assert.ok(writer.drained);
  const counters = readCounters(writer.memory);
  assert.deepEqual([counters.rows, counters.batches, counters.queueFull], [5, 5, 1]);
});

both('a message larger than the budget allows is a named error, and the ring is not released beyond the row before it', async (loopOf) => {
  const { writer, loop, producer, largeProducer } = await loopOf({ largeBytes: 20_000 });
  putRow(writer, insert(0, 10), to);
  const before = writer.position;
  putRow(writer, insert(1, 30_000), to);
  publish(writer);
  assert.throws(() => loop.run(), {
    code: 'MESSAGE_TOO_LARGE',
    message: /key \{"id":1\} of table public\.t1 .*more than 20000 bytes.*MILLRACE_MEMORY/,
  });
  assert.deepEqual([producer.values.length, largeProducer.calls], [1, 0]);
  assert.ok(writer.hasPassed(before));
  assert.equal(writer.drained, false);
});

both('the topic limit holds key and value together, for large messages too', async (loopOf) => {
  const size =
    JSON.stringify({ database: 'test', table: 't1', type: 'insert', ts: 0, xid: 0, data: { id: 0, text: 'x'.repeat(10) } }).length +
    '{"id":0}'.length;
  const fits = await loopOf();
  putRow(fits.writer, insert(0, 10), { ...to, sizeLimit: size });
  publish(fits.writer);
  fits.writer.finish();
  fits.loop.run();
  assert.equal(fits.producer.values[0]!.length + 8, size);

  const over = await loopOf();
  putRow(over.writer, insert(0, 10), { ...to, sizeLimit: size - 1 });
  publish(over.writer);
  assert.throws(() => over.loop.run(), {
    code: 'MESSAGE_TOO_LARGE',
    details: { table: 'public.t1', key: '{"id":0}', position: '0/0', bytes: size, limit: size - 1 },
  });
  assert.equal(over.producer.calls, 0);

  const large = await loopOf();
  putRow(large.writer, insert(0, 30_000), { ...to, sizeLimit: 20_000 });
  publish(large.writer);
  assert.throws(() => large.loop.run(), { code: 'MESSAGE_TOO_LARGE' });
  assert.equal(large.largeProducer.calls, 0);
});

both('a key of any length goes in front of its value, and a null key takes nothing', async (loopOf) => {
  const { writer, loop, producer } = await loopOf({ slabBytes: 20_000 });
  const key = 'k'.repeat(9000);
  putRow(writer, { operation: 'insert', key, new: ['1', 'a'] }, to);
  putRow(writer, { operation: 'insert', new: ['2', 'b'] }, to);
  putRow(writer, { operation: 'insert', key, new: ['3', 'c'] }, to);
  putRow(writer, { operation: 'insert', key, new: ['4', 'd'] }, to);
  publish(writer);
  writer.finish();
  loop.run();
  assert.deepEqual(producer.values.map(idOf), [1, 2, 3, 4]);
  assert.equal(producer.calls, 2);
});

both('messages of a target in flight wait for it, those of others do not; the ring is released when nothing waits', async (loopOf) => {
  let looks = 0;
  const marks: number[] = [];
  const { writer, loop, producer } = await loopOf({
    isInFlight: (target) => {
      // Delivered after some looks; then the ring ends, which ends the loop.
      if (target === 1 && looks++ === 5) writer.finish();
      if (looks === 3) assert.deepEqual([producer.values.map(idOf), writer.hasPassed(marks[1]!)], [[0, 2], false]);
      return target === 1 && looks <= 5;
    },
  });
  for (let id = 0; id < 4; id++) {
    putRow(writer, insert(id, 10), { topic: 0, partition: id & 1, target: id & 1 });
    marks.push(writer.position);
  }
  publish(writer);
  loop.run();
  assert.deepEqual(producer.values.map(idOf), [0, 2, 1, 3]);
  assert.ok(looks >= 5);
  assert.ok(writer.drained);
});

both('a target that stays in flight holds nothing back for ever, and the end of the ring waits for nobody', async (loopOf) => {
  for (const isEnded of [false, true]) {
    const { writer, loop, producer } = await loopOf({ isInFlight: () => true, room: () => (writer.finish(), Infinity) });
    for (let id = 0; id < 3; id++) putRow(writer, insert(id, 10), to);
    publish(writer);
    if (isEnded) writer.finish();
    loop.run();
    assert.deepEqual(producer.values.map(idOf), [0, 1, 2]);
    assert.ok(writer.drained);
  }
});

both('a batch that is full does not wait', async (loopOf) => {
  const { writer, loop, producer } = await loopOf({ messages: 4, isInFlight: () => true, room: () => (writer.finish(), Infinity) });
  for (let id = 0; id < 9; id++) putRow(writer, insert(id, 10), to);
  publish(writer);
  loop.run();
  assert.deepEqual(
    producer.values.map(idOf),
    Array.from({ length: 9 }, (_, id) => id),
  );
});
