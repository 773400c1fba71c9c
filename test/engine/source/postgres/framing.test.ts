import assert from 'node:assert/strict';
import test from 'node:test';
import { FrameReader, type FrameHandler } from '../../../../engine/source/postgres/framing.ts';
import { message } from '../../../support/pgoutput-frames.ts';

/** Writes down what it is given; refuses the first `refusals` frames once each. */
class Recorder implements FrameHandler {
  readonly calls: string[] = [];
  refusals = 0;
  /** So many ends of oversized messages are refused before one is taken. */
  refusedEnds = 0;

  copyData(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.refusals > 0) {
      this.refusals -= 1;
      return false;
    }
    this.calls.push(`d ${text(bytes, start, end)}`);
    return true;
  }

  message(type: number, bytes: Uint8Array, start: number, end: number): void {
    this.calls.push(`${String.fromCharCode(type)} ${text(bytes, start, end)}`);
  }

  beginOversize(length: number): void {
    this.calls.push(`oversize ${length}:`);
  }

  oversizePiece(bytes: Uint8Array, start: number, end: number): void {
    this.calls[this.calls.length - 1] += text(bytes, start, end);
  }

  endOversize(): boolean {
    if (this.refusedEnds > 0) {
      this.refusedEnds -= 1;
      return false;
    }
    this.calls[this.calls.length - 1] += ' end';
    return true;
  }
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString();
}

const LIMIT = 40;
const BIG = 'x'.repeat(LIMIT + 1);
const STREAM = Buffer.concat([
  message('W', Buffer.from('\0\0\0')),
  message('d', Buffer.from('one')),
  message('d'),
  message('N', Buffer.from('a notice')),
  message('d', Buffer.from('y'.repeat(LIMIT))),
  message('d', Buffer.from(BIG)),
  message('d', Buffer.from('two')),
  message('c'),
]);
const CALLS = ['W \0\0\0', 'd one', 'd ', 'N a notice', `d ${'y'.repeat(LIMIT)}`, `oversize ${LIMIT + 1}:${BIG} end`, 'd two', 'c '];

function readAll(chunks: readonly Uint8Array[], refusals = 0, refusedEnds = 0): string[] {
  const recorder = new Recorder();
  recorder.refusals = refusals;
  recorder.refusedEnds = refusedEnds;
  const reader = new FrameReader(recorder, LIMIT);
  for (const chunk of chunks) {
    // The chunk is overwritten once it is read: nothing may be kept of it.
    const copy = new Uint8Array(chunk);
    let isRead = reader.feed(copy);
    assert.equal(reader.blocked, !isRead);
    while (!isRead) isRead = reader.proceed();
    assert.equal(reader.blocked, false);
    copy.fill(0xee);
  }
  return recorder.calls;
}

test('a chunk is cut into its messages', () => {
  assert.deepEqual(readAll([STREAM]), CALLS);
});

test('chunks cut at every byte, and at every two, give the same messages', () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    assert.deepEqual(readAll([STREAM.subarray(0, cut), STREAM.subarray(cut)]), CALLS, `cut at ${cut}`);
    const next = Math.min(cut + 7, STREAM.length);
    assert.deepEqual(readAll([STREAM.subarray(0, cut), STREAM.subarray(cut, next), STREAM.subarray(next)]), CALLS);
  }
});

test('chunks of one byte each give the same messages', () => {
  assert.deepEqual(readAll([...STREAM].map((byte) => Uint8Array.of(byte))), CALLS);
});

test('a refused frame comes again, and what follows comes once, wherever the chunks are cut', () => {
  for (let refusals = 1; refusals <= 6; refusals++) {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      assert.deepEqual(readAll([STREAM.subarray(0, cut), STREAM.subarray(cut)], refusals), CALLS, `cut at ${cut}`);
    }
  }
});

test('the end of an oversized message that is refused comes again, with nothing of the message, wherever the chunks are cut', () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    assert.deepEqual(readAll([STREAM.subarray(0, cut), STREAM.subarray(cut)], 0, 2), CALLS, `cut at ${cut}`);
  }
});

test('a chunk much larger than the first carry buffer ends in the middle of a frame', () => {
  const frame = message('d', Buffer.alloc(30, 0x61));
  const many = Buffer.concat(Array.from({ length: 10_000 }, () => frame));
  const calls = readAll([many.subarray(0, 200_003), many.subarray(200_003)]);
  assert.equal(calls.length, 10_000);
  assert.ok(calls.every((call) => call === `d ${'a'.repeat(30)}`));
});

test('a frame that grows over many chunks is put together up to the limit', () => {
  const body = Buffer.alloc(3_000_000, 0x62);
  const recorder = new Recorder();
  const reader = new FrameReader(recorder, body.length);
  const bytes = message('d', body);
  for (let at = 0; at < bytes.length; at += 65_536) assert.ok(reader.feed(bytes.subarray(at, at + 65_536)));
  assert.ok(reader.feed(message('d', Buffer.from('after'))));
  assert.deepEqual(
    recorder.calls.map((call) => call.length),
    [body.length + 2, 7],
  );
});

test('a large frame that comes in pieces waits for its turn, and the turn ends with it', () => {
  const recorder = new Recorder();
  let mayTake = true;
  let ends = 0;
  const reader = new FrameReader(recorder, 3_000_000, { take: () => mayTake, end: () => (ends += 1) });
  const [small, large] = [message('d', Buffer.from('small')), message('d', Buffer.alloc(3_000_000, 0x62))];
  assert.ok(reader.feed(large.subarray(0, 100)));
  assert.ok(reader.feed(large.subarray(100)));
  assert.equal(ends, 1);

  mayTake = false;
  assert.equal(reader.feed(Buffer.concat([small, large.subarray(0, 100)])), false);
  assert.deepEqual([reader.blocked, recorder.calls.length, reader.proceed(), ends], [true, 2, false, 1]);
  mayTake = true;
  assert.ok(reader.proceed());
  assert.ok(reader.feed(Buffer.concat([large.subarray(100), small])));
  assert.deepEqual(
    recorder.calls.map((call) => call.length),
    [3_000_002, 7, 3_000_002, 7],
  );
  assert.equal(ends, 2);
});

test('lengths that cannot be are a named error', () => {
  const hostile = [0, 3, -1, -5, 0x8000_0000 | 0].map((length) => {
    const bytes = Buffer.from('d\0\0\0\0');
    bytes.writeInt32BE(length, 1);
    return bytes;
  });
  // Only row data may be large: a notice of a gigabyte is none.
  hostile.push(Buffer.from('N\x40\0\0\0'));
  for (const bytes of hostile) {
    assert.throws(() => readAll([bytes]), { code: 'STREAM_PROTOCOL' });
    assert.throws(() => readAll([bytes.subarray(0, 2), bytes.subarray(2)]), { code: 'STREAM_PROTOCOL' });
  }
});

test('a frame announced with 2 GB is passed over without memory for it', () => {
  const recorder = new Recorder();
  const reader = new FrameReader(recorder, LIMIT);
  const before = process.memoryUsage().arrayBuffers;
  assert.ok(reader.feed(Buffer.from('d\x7f\xff\xff\xffabc', 'latin1')));
  assert.deepEqual(recorder.calls, [`oversize ${0x7fff_ffff - 4}:abc`]);
  assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
});
