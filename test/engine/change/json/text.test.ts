import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteView } from '../../../../engine/base/byte-view.ts';
import { copyPlain } from '../../../../engine/change/json/text.ts';
import { assertRefused, jsonOf } from '../../../support/json-value.ts';

const TEXT = { kind: 'text' } as const;

test('quotes, backslashes and control characters are escaped, with upper-case hex', () => {
  assert.equal(jsonOf(TEXT, 'a"b\\c'), '"a\\"b\\\\c"');
  assert.equal(jsonOf(TEXT, '\b\t\n\f\r'), '"\\b\\t\\n\\f\\r"');
  assert.equal(jsonOf(TEXT, '\u0001\u000b\u001f'), '"\\u0001\\u000B\\u001F"');
});

test('what needs no escape is raw: slash, DEL, line separators, angle brackets, the basic plane', () => {
  for (const text of ['a/b', '\u007f', '\u2028\u2029', "<>&'", 'ünïcødé', '日本語', '\uffff\ue000', ''])
    assert.equal(jsonOf(TEXT, text), `"${text}"`);
});

test('characters beyond the basic plane are two escapes', () => {
  assert.equal(jsonOf(TEXT, '😁'), '"\\uD83D\\uDE01"');
  assert.equal(jsonOf(TEXT, 'a😁b'), '"a\\uD83D\\uDE01b"');
  assert.equal(jsonOf(TEXT, '\u{10000}\u{10ffff}'), '"\\uD800\\uDC00\\uDBFF\\uDFFF"');
});

test('an escape is found at each place of a word, and the copy goes on behind it', () => {
  for (let length = 1; length < 20; length++) {
    for (let at = 0; at < length; at++) {
      for (const special of ['"', '\n', 'é', '日', '😁', '\u001f']) {
        const text = 'x'.repeat(at) + special + 'y'.repeat(length - at);
        assert.equal(JSON.parse(jsonOf(TEXT, text)), text);
      }
    }
  }
});

/** The form that Maxwell writes, made from JavaScript's own JSON string. */
function expected(text: string): string {
  const unit = (pair: string, i: number) => `\\u${pair.charCodeAt(i).toString(16)}`;
  const lower = JSON.stringify(text).replace(/[\ud800-\udbff][\udc00-\udfff]/g, (pair) => unit(pair, 0) + unit(pair, 1));
  return lower.replace(/\\u([0-9a-f]{4})/g, (_, hex: string) => `\\u${hex.toUpperCase()}`);
}

test('any text comes out as JSON.stringify writes it, but for surrogate pairs and the case of hex digits', () => {
  const character = fc.oneof(
    fc.constantFrom(
      'a',
      'b',
      ' ',
      '"',
      '\\',
      '\n',
      '\u0000',
      '\u007f',
      '\u0080',
      '\u07ff',
      '\u0800',
      '\ud7ff',
      '\ue000',
      '\uffff',
      '😁',
      '\u{10ffff}',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.array(character, { maxLength: 60 }), (characters) => {
      // A backslash that the text holds must not pair with a `u` behind it in the expectation.
      const text = characters.join('').replaceAll('\\u', '\\v');
      assert.equal(jsonOf(TEXT, text), expected(text));
    }),
    { numRuns: 2_000 },
  );
});

test('bytes that are no UTF-8 are refused, at each place and cut at each place', () => {
  const malformed = [
    '80',
    'bf',
    'c0af',
    'c1bf',
    'c3',
    'e0a0',
    'e09fbf',
    'eda080',
    'edbfbf',
    'e28228',
    'f08fbfbf',
    'f0908f',
    'f4908080',
    'f5808080',
    'ff',
    'f09f9828',
  ];
  for (const hex of malformed) {
    for (const before of ['', 'abc', 'abcd']) {
      for (const after of ['', 'xyz']) {
        assertRefused(
          TEXT,
          Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex'), Buffer.from(after)]),
          /UTF-8, but found the bytes [0-9a-f]+/,
        );
      }
    }
  }
});

test('copyPlain stops in front of the word that needs care and writes nothing of it', () => {
  const input = new ByteView(Buffer.from('abcdefgh\tijkl'));
  const output = new ByteView(new Uint8Array(13).fill(1));
  assert.equal(copyPlain(input, 0, 13, output, 0), 8);
  assert.equal(Buffer.from(output.bytes).toString(), `abcdefgh${'\u0001'.repeat(5)}`);
  assert.equal(copyPlain(input, 9, 13, output, 0), 13);
  assert.equal(Buffer.from(output.bytes.subarray(0, 4)).toString(), 'ijkl');
});
