import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectionsTo, REPLAY_HEADER, type Objection } from '../../../engine/dead-letters/later-messages.ts';
import { storedLetter } from '../../../engine/dead-letters/stored-letter.ts';
import type { TopicReader, TopicRecord } from '../../../engine/dead-letters/topic-reader.ts';
import { letterRecord, readerOf, record, type LetterSample } from './samples.ts';

const PLACE = { topic: 'orders', partition: 3 };
const KEY = '{"id":"1"}';
const of = (offset: number, key: string | null, replayOf?: string): TopicRecord =>
  record('orders', 3, offset, key, replayOf === undefined ? {} : { [REPLAY_HEADER]: replayOf });

/** What is said against a letter, whose row came at offset 40. */
async function objection(reader: TopicReader, sample: LetterSample = {}, key: string | null = KEY): Promise<Objection | null> {
  const letter = storedLetter(letterRecord(sample))!;
  const destinations = [{ ...PLACE, key: key === null ? null : Buffer.from(key) }];
  return (await objectionsTo(reader, [{ letter, destinations }])).get(letter) ?? null;
}

test('a later message of the key speaks against it; earlier ones and those of other keys do not', async () => {
  assert.equal(await objection(readerOf([of(39, KEY), of(40, 'other'), of(41, null)])), null);
  assert.deepEqual(await objection(readerOf([of(39, KEY), of(40, KEY)])), { kind: 'overtaken', ...PLACE, offset: 40 });
});

test('its own message, sent again, is told from a later one', async () => {
  const replayed = { kind: 'replayed', ...PLACE, offset: 45 };
  assert.deepEqual(await objection(readerOf([of(45, KEY, 'letters:0:0')])), replayed);
  assert.deepEqual(await objection(readerOf([of(44, KEY), of(45, KEY, 'letters:0:0'), of(46, KEY)])), replayed);
  assert.deepEqual(await objection(readerOf([of(45, null, 'letters:0:0')]), { key: null }, null), replayed);
  assert.equal(await objection(readerOf([of(45, null, 'letters:0:1')]), { key: null }, null), null);
});

test('an earlier letter of the key that was sent again is no later message, a later one is', async () => {
  assert.equal(await objection(readerOf([of(45, KEY, 'letters:0:6')]), { offset: 7 }), null);
  assert.equal((await objection(readerOf([of(45, KEY, 'letters:0:8')]), { offset: 7 }))?.kind, 'overtaken');
  assert.equal((await objection(readerOf([of(45, KEY, 'letters:1:6')]), { offset: 7 }))?.kind, 'overtaken');
});

test('without an offset the time of the letter tells where to look', async () => {
  const headers = { 'millrace.offset': null };
  assert.equal(await objection(readerOf([of(30, KEY)], { atTime: 31 }), { headers }), null);
  assert.equal((await objection(readerOf([of(31, KEY)], { atTime: 31 }), { headers }))?.kind, 'overtaken');
});

test('where messages after it were deleted, nobody can tell', async () => {
  assert.deepEqual(await objection(readerOf([of(60, 'other')], { low: 41 })), { kind: 'unknown', ...PLACE });
  assert.equal(await objection(readerOf([of(60, 'other')], { low: 40 })), null);
});
