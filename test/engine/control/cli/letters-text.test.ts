import assert from 'node:assert/strict';
import { test } from 'node:test';
import { letterJson, letterTable, letterText, objectionText } from '../../../../engine/control/cli/letters-text.ts';
import { storedLetter, type StoredLetter } from '../../../../engine/dead-letters/stored-letter.ts';
import { OldImage, Operation } from '../../../../engine/change/operation.ts';
import { rowImage, UNCHANGED } from '../../../support/rows.ts';
import { letterRecord } from '../../dead-letters/samples.ts';

const OLD = rowImage(['1', 'old']);

/** An update whose new value is no text. */
function letter(values = rowImage(['1', Uint8Array.of(0xe9)])): StoredLetter {
  const data = Buffer.concat([OLD, values]);
  return storedLetter(
    letterRecord({
      headers: { 'millrace.data': data },
      row: { operation: Operation.update, oldImage: OldImage.full, oldLength: OLD.length },
    }),
  )!;
}

const cut = () =>
  storedLetter(letterRecord({ headers: { 'millrace.row': null, 'millrace.partition': null, 'millrace.bytes': '9000000' } }))!;

test('the table has a line for each letter, and says which are cut', () => {
  const lines = letterTable([letter(), cut()]).split('\n');
  assert.match(lines[1]!, /^letters:0:0 .* MESSAGE_TOO_LARGE +public\.tx +insert +\{"id":"1"\} +0\/1 +orders\[3\] +100 bytes$/);
  assert.match(lines[2]!, / orders +9 MB \(cut\)$/);
  assert.equal(letterTable([]), 'There are no dead letters.\n');
});

test('values are shown as they are: text, bytes that are none, null, and what was left alone', () => {
  const { old, new: now } = letterJson(letter(), true);
  assert.deepEqual(
    [old, now],
    [
      { id: '1', v: 'old' },
      { id: '1', v: { base64: '6Q==' } },
    ],
  );
  assert.deepEqual(letterJson(letter(rowImage([null, UNCHANGED])), true)['new'], { id: null, v: { unchanged: true } });
  assert.equal(letterJson(cut(), true)['head'], Buffer.from('row').toString('base64'));
  assert.equal('new' in letterJson(letter(), false), false);
});

test('as text, a letter says what and why, where to, and its columns', () => {
  const text = letterText(letter());
  assert.match(text, /^letter +letters:0:0\nreason +MESSAGE_TOO_LARGE: too large\n/);
  assert.match(text, /position +0\/1, row 2 of transaction 9\nfor +orders\[3\], from offset 40\n/);
  assert.ok(text.endsWith('\nold\n  id = "1"\n  v = "old"\n\nnew\n  id = "1"\n  v = {"base64":"6Q=="}\n'));
  assert.match(letterText(cut()), /bytes +9000000, of which 3 were kept\n\n"row"\n$/);
});

test('what speaks against sending it says where it was found, and what would do it all the same', () => {
  const place = { topic: 'orders', partition: 3 };
  assert.match(
    objectionText({ kind: 'overtaken', ...place, offset: 45 }),
    /later message of its key is in orders\[3\] at offset 45.*--force/,
  );
  assert.match(objectionText({ kind: 'unknown', ...place }), /orders\[3\] has deleted messages.*--force/);
  assert.doesNotMatch(objectionText({ kind: 'replayed', ...place, offset: 45 }), /--force/);
});
