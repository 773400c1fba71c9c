import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOT_TEXT, type CharsetDecoder } from '../../../../../engine/source/mysql/rows/charset-decoder.ts';
import { Ucs2Decoder, Utf16Decoder, Utf32Decoder } from '../../../../../engine/source/mysql/rows/utf-decoders.ts';

function decode(decoder: CharsetDecoder, hex: string): string | typeof NOT_TEXT {
  const bytes = Buffer.from(hex, 'hex');
  const output = Buffer.alloc(3 * bytes.length);
  const end = decoder.decode(bytes, 0, bytes.length, output, 0);
  return end === NOT_TEXT ? NOT_TEXT : output.toString('utf8', 0, end);
}

function assertNone(decoder: CharsetDecoder, ...wrong: string[]): void {
  for (const hex of wrong) assert.equal(decode(decoder, hex), NOT_TEXT, hex);
}

test('UCS-2 has two bytes a character and no surrogates', () => {
  const ucs2 = new Ucs2Decoder();
  assert.equal(decode(ucs2, '004100e420acffff'), 'Aä€\uffff');
  assertNone(ucs2, '00', '004100', 'd83ddca9', 'dfff');
});

test('UTF-16 has pairs of surrogates, and they are never alone', () => {
  const big = new Utf16Decoder(false);
  assert.equal(decode(big, '0041d83ddca920acdbffdfff'), 'A\u{1f4a9}€\u{10ffff}');
  assertNone(big, '0041d8', 'd83d', 'd83d0041', 'dca9d83d', 'd83dd83d');
  const little = new Utf16Decoder(true);
  assert.equal(decode(little, '41003dd8a9dcac20'), 'A\u{1f4a9}€');
  assertNone(little, '41', '3dd8', '3dd84100', 'a9dc3dd8');
});

test('UTF-32 has four bytes a character, up to the last code point', () => {
  const utf32 = new Utf32Decoder();
  assert.equal(decode(utf32, '000000410001f4a90010ffff'), 'A\u{1f4a9}\u{10ffff}');
  assertNone(utf32, '000041', '00110000', '0000d800', '0000dfff', 'ffffffff');
});
