import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { failRing } from '../../../engine/ring/failure.ts';
import { Control, RECORD_KIND, RECORD_LENGTH, RecordKind, RingState } from '../../../engine/ring/layout.ts';
import { within } from '../../support/wait.ts';
import { bothEnds, put, take } from './rings.ts';

test('a record is seen only after it is published', () => {
  const { writer, reader } = bothEnds();
  assert.ok(put(writer, 7, 64));
  assert.equal(reader.claim(), false);
  writer.publishTo(writer.position);
  assert.equal(reader.claim(), true);
  assert.equal(reader.next(), true);
  assert.equal(take(reader), 7);
  assert.equal(reader.next(), false);
});

test('a record that is held back can be patched until it is published, and is not seen before', () => {
  const { writer, reader } = bothEnds();
  put(writer, 1, 32);
  const held = writer.position;
  put(writer, 2, 32);
  writer.publishTo(held);
  assert.ok(reader.claim() && reader.next());
  assert.equal(take(reader), 1);
  assert.equal(reader.next(), false);
  assert.equal(reader.claim(), false);
  writer.data.bytes[held + 7] = 1;
  writer.publishTo(writer.position);
  assert.ok(reader.claim() && reader.next());
  assert.equal(take(reader), 2);
  assert.equal(reader.bytes[reader.record + 7], 1);
});

test('a full ring refuses a record, changes nothing, and takes it once the reader has released', () => {
  const { writer, reader } = bothEnds();
  for (let i = 0; i < 4; i++) assert.ok(put(writer, i, 16_384));
  assert.equal(writer.used, 65_536);
  const position = writer.position;
  assert.equal(put(writer, 4, 8), false);
  assert.equal(writer.position, position);
  writer.publishTo(position);
  assert.ok(reader.claim() && reader.next());
  reader.release(reader.position);
  assert.equal(writer.used, 49_152);
  assert.ok(put(writer, 4, 16_384));
});

test('a record that does not fit before the end of the ring begins at its start, behind a pad that the reader skips', () => {
  const { writer, reader } = bothEnds();
  for (let i = 0; i < 4; i++) put(writer, i, 16_376);
  writer.publishTo(writer.position);
  for (let i = 0; i < 4; i++) {
    if (i === 0) reader.claim();
    assert.ok(reader.next());
    assert.equal(take(reader), i);
  }
  reader.release(reader.position);
  const before = writer.position;
  assert.ok(put(writer, 4, 40));
  assert.equal((writer.position - before) | 0, 32 + 40);
  writer.publishTo(writer.position);
  assert.ok(reader.claim() && reader.next());
  assert.equal(reader.record, 0);
  assert.equal(take(reader), 4);
  reader.release(reader.position);
  assert.equal(writer.used, 0);
});

test('lengths that a ring cannot take are defects, not records', () => {
  const { writer } = bothEnds();
  assert.throws(() => writer.reserve(12), { code: 'INTERNAL' });
  assert.throws(() => writer.reserve(16_384 + 8), { code: 'INTERNAL' });
  assert.throws(() => writer.reserveSide(20_001), { code: 'INTERNAL' });
  writer.reserve(64);
  assert.throws(() => writer.end(56), { code: 'INTERNAL' });
  assert.throws(() => writer.publishTo(8), { code: 'INTERNAL' });
});

test('a row larger than the side area is a named error with both sizes', () => {
  const { writer } = bothEnds({ sideBytes: 32_768 });
  assert.throws(() => writer.reserveSide(32_776), { code: 'MESSAGE_TOO_LARGE', details: { bytes: 32_776, limit: 32_768 } });
});

for (const start of [0, -64, 0x7fff_ffc0, -0x8000_0000]) {
  test(`indexes run through 32 bits: started at ${start >>> 0}`, () => {
    const { writer, reader } = bothEnds({ start });
    const mark = writer.position;
    assert.ok(writer.hasPassed(mark));
    for (let i = 0; i < 50; i++) {
      assert.ok(put(writer, i, 16_376));
      const behind = writer.position;
      assert.equal(writer.hasPassed(behind), false);
      writer.publishTo(writer.position);
      assert.ok(reader.claim() && reader.next());
      assert.equal(take(reader), i);
      reader.release(reader.position);
      assert.ok(writer.hasPassed(behind));
      assert.ok(writer.hasPassed(mark));
      assert.equal(writer.used, 0);
    }
  });
}

test('a mark stays passed while gigabytes go by', () => {
  const { writer, reader } = bothEnds({ start: -4096 });
  const mark = writer.position;
  for (let i = 0; i < 300_000; i++) {
    const offset = writer.reserve(16_384);
    writer.words[(offset + RECORD_LENGTH) >> 2] = 16_384;
    writer.words[(offset + RECORD_KIND) >> 2] = RecordKind.row;
    writer.end(16_384);
    writer.publishTo(writer.position);
    reader.claim();
    reader.next();
    reader.release(reader.position);
    if (i % 1000 === 0) assert.ok(writer.hasPassed(mark));
  }
  assert.ok(writer.position - mark > 2 ** 32);
  assert.ok(writer.hasPassed(mark) && writer.hasPassed(writer.position));
  put(writer, 0, 64);
  assert.equal(writer.hasPassed(writer.position), false);
});

test('waiting for room resolves when the reader has released enough', async () => {
  const { writer, reader } = bothEnds();
  for (let i = 0; i < 4; i++) put(writer, i, 16_384);
  writer.publishTo(writer.position);
  const room = writer.waitForRoom(8);
  reader.claim();
  reader.next();
  reader.release(reader.position);
  reader.next();
  reader.release(reader.position);
  await within(room, 10_000, 'room');
  assert.ok(put(writer, 4, 8));
  assert.equal(new Int32Array(writer.memory.control)[Control.writerWaits], 0);
});

test('waiting for room does not ask for more than the reader can see', async () => {
  const { writer, reader } = bothEnds();
  put(writer, 0, 16_384);
  const published = writer.position;
  for (let i = 1; i < 4; i++) put(writer, i, 16_384);
  writer.publishTo(published);
  const room = writer.waitForRoom(8);
  assert.ok(reader.claim() && reader.next());
  reader.release(reader.position);
  await within(room, 10_000, 'room');
  assert.ok(put(writer, 4, 8));
});

test('waiting for room on the side path ends when the oldest large record is released', async () => {
  const { writer, reader } = bothEnds({ sideBytes: 65_536 });
  assert.ok(put(writer, 0, 40_000));
  assert.equal(put(writer, 1, 40_000), false);
  writer.publishTo(writer.position);
  const room = writer.waitForRoom(40_000);
  assert.ok(reader.claim() && reader.next());
  assert.equal(take(reader), 0);
  reader.release(reader.position);
  await within(room, 10_000, 'room');
  assert.ok(put(writer, 1, 40_000));
});

test('a failed reader rejects every wait with its own error', async () => {
  const { writer } = bothEnds();
  for (let i = 0; i < 4; i++) put(writer, i, 16_384);
  writer.publishTo(writer.position);
  const room = writer.waitForRoom(8);
  const mark = writer.waitUntilPassed(writer.position);
  failRing(writer.memory, { code: 'MESSAGE_TOO_LARGE', message: 'too large', details: { table: 'public.t' }, stack: null });
  const expected = { code: 'MESSAGE_TOO_LARGE', message: 'too large', details: { table: 'public.t' } };
  await assert.rejects(room, expected);
  await assert.rejects(mark, expected);
  await assert.rejects(writer.waitForRoom(8), expected);
});

test('stopping rejects every wait, and a failure is not overwritten by an end or a stop', async () => {
  const { writer } = bothEnds();
  put(writer, 0, 16_384);
  writer.publishTo(writer.position);
  const mark = writer.waitUntilPassed(writer.position);
  writer.finish();
  assert.equal(writer.state, RingState.ended);
  writer.stop();
  await assert.rejects(mark, { code: 'STOPPED' });
  writer.finish();
  assert.equal(writer.state, RingState.stopped);
  failRing(writer.memory, { code: 'ENCODER_DIED', message: 'gone', details: {}, stack: null });
  writer.stop();
  assert.equal(writer.state, RingState.failed);
  await assert.rejects(writer.waitUntilPassed(writer.position), MillraceError);
});
