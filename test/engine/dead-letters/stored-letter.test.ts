import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityOf, nameOfLetter, storedLetter } from '../../../engine/dead-letters/stored-letter.ts';
import { letterRecord } from './samples.ts';

test('a message with the headers of a letter is one; any other is none', () => {
  const letter = storedLetter(letterRecord({ offset: 7 }))!;
  assert.equal(nameOfLetter(letter), 'letters:0:7');
  assert.deepEqual(letter.to, { topic: 'orders', partition: 3, offset: 40 });
  assert.deepEqual([letter.reason, letter.changefeed, letter.key, letter.row?.xid], ['MESSAGE_TOO_LARGE', 'shop', '{"id":"1"}', 9]);
  assert.equal(letter.data.toString(), 'row');
  for (const headers of [{ 'millrace.reason': null }, { 'millrace.reason': 'NO_REASON' }])
    assert.equal(storedLetter(letterRecord({ headers })), null);
});

test('what is not known is null, and the value is the row where no header is', () => {
  const none = { 'millrace.partition': null, 'millrace.offset': null, 'millrace.key': null, 'millrace.row': null, 'millrace.data': null };
  const letter = storedLetter(letterRecord({ headers: none, value: Buffer.from('value') }))!;
  assert.deepEqual(letter.to, { topic: 'orders', partition: null, offset: null });
  assert.deepEqual([letter.key, letter.row, letter.data.toString()], [null, null, 'value']);
});

test('two letters of one row are one, wherever they lie; two rows are two', () => {
  const identity = (more: Parameters<typeof letterRecord>[0]) => identityOf(storedLetter(letterRecord(more))!);
  assert.equal(identity({ offset: 1 }), identity({ offset: 2, headers: { 'millrace.time': 'later', 'millrace.offset': '50' } }));
  assert.notEqual(identity({}), identity({ headers: { 'millrace.position': '0/2' } }));
  assert.notEqual(identity({}), identity({ row: { xoffset: 5 } }));
  assert.notEqual(identity({}), identity({ headers: { 'millrace.data': 'other' } }));
  // A snapshot that is read again numbers its rows anew.
  assert.equal(identity({ row: { isSnapshot: true, xoffset: 1 } }), identity({ row: { isSnapshot: true, xoffset: 2 } }));
});
