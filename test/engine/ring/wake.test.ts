import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failRing } from '../../../engine/ring/failure.ts';
import { Control } from '../../../engine/ring/layout.ts';
import type { RingWriter } from '../../../engine/ring/writer.ts';
import { bothEnds, put } from './rings.ts';

/**
 * Every wait of the rings is bounded, so a wake-up that never comes shows in no other test: it only makes everything slow.
 * Here the other side's sleep is stood in for by a wait that would last far longer than the test may take.
 */
const LONG_MS = 60_000;

/** Sleeps on a word of the ring; says whether it was woken. */
function sleepOn(writer: RingWriter, word: number): Promise<string> {
  const control = new Int32Array(writer.memory.control);
  const wait = Atomics.waitAsync(control, word, control[word]!, LONG_MS);
  assert.ok(wait.async);
  return wait.value;
}

test('publishing wakes a reader that says it sleeps', async () => {
  const { writer } = bothEnds();
  new Int32Array(writer.memory.control)[Control.readerSleeps] = 1;
  const sleeper = sleepOn(writer, Control.write);
  put(writer, 0, 32);
  writer.publishTo(writer.position);
  assert.equal(await sleeper, 'ok');
});

test('a release wakes a waiting writer at its mark, not before it, and once', async () => {
  const { writer, reader } = bothEnds();
  put(writer, 0, 32);
  put(writer, 1, 32);
  writer.publishTo(writer.position);
  const control = new Int32Array(writer.memory.control);
  control[Control.writerMark] = 64;
  control[Control.writerWaits] = 1;
  reader.claim();
  reader.next();
  reader.release(reader.position);
  assert.equal(control[Control.writerWaits], 1);
  const sleeper = sleepOn(writer, Control.read);
  reader.next();
  reader.release(reader.position);
  assert.equal(await sleeper, 'ok');
  assert.equal(control[Control.writerWaits], 0);
});

for (const [name, close] of [
  ['an end', (writer: RingWriter) => writer.finish()],
  ['a stop', (writer: RingWriter) => writer.stop()],
  ['a failure', (writer: RingWriter) => failRing(writer.memory, { code: 'ENCODER_DIED', message: 'gone', details: {}, stack: null })],
] as const) {
  test(`${name} wakes both sides`, async () => {
    const { writer } = bothEnds();
    const sleepers = [sleepOn(writer, Control.write), sleepOn(writer, Control.read)];
    close(writer);
    assert.deepEqual(await Promise.all(sleepers), ['ok', 'ok']);
  });
}
