import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOT_TEXT } from '../../../../../engine/source/mysql/rows/charset-decoder.ts';
import { fourByteNumber, type CharsetSection } from '../../../../../engine/source/mysql/rows/charset-table.ts';
import { TableDecoder } from '../../../../../engine/source/mysql/rows/table-decoder.ts';

function section(...runs: readonly [code: number, point: number, length: number][]): CharsetSection {
  const column = (part: 0 | 1 | 2) => Int32Array.from(runs, (run) => run[part]);
  return { codes: column(0), points: column(1), lengths: column(2) };
}

/** ASCII; two codes of two bytes behind 0x81, one of three behind 0x8F 0xA1, two runs of codes of four bytes. */
const decoder = new TableDecoder([
  section([0, 0, 0x80]),
  section([0x8140, 0x3000, 2]),
  section([0x8fa1a1, 0x4e02, 1]),
  section([fourByteNumber(0x81, 0x30, 0x81, 0x30), 0x80, 5], [fourByteNumber(0x90, 0x30, 0x81, 0x30), 0x1_0000, 11]),
]);

function decode(bytes: readonly number[], behind: readonly number[] = []): string | typeof NOT_TEXT {
  const output = Buffer.alloc(3 * bytes.length + 2, 0xee);
  // What lies before and behind the text is none of it.
  const end = decoder.decode(Uint8Array.of(0x81, ...bytes, ...behind), 1, bytes.length + 1, output, 1);
  assert.equal(output[0], 0xee);
  return end === NOT_TEXT ? NOT_TEXT : output.toString('utf8', 1, end);
}

test('codes of one to four bytes follow one another', () => {
  const text = [0x41, 0x81, 0x41, 0x8f, 0xa1, 0xa1, 0x81, 0x30, 0x81, 0x34, 0x90, 0x30, 0x82, 0x30, 0x42];
  assert.equal(decode(text, [0x41]), 'A\u3001\u4e02\u0084\u{1000a}B');
  assert.equal(decode([]), '');
});

test('bytes that are no code are no text', () => {
  const wrong = [
    [0x80],
    [0x81, 0x42],
    [0x8f, 0xa1, 0xa2],
    [0x8f, 0x40],
    [0x81, 0x30, 0x81, 0x35],
    [0x90, 0x30, 0x82, 0x31],
    [0x81, 0x30, 0x20, 0x30],
  ];
  for (const bytes of wrong) assert.equal(decode(bytes), NOT_TEXT, Buffer.from(bytes).toString('hex'));
});

test('a code that the text ends in is no text, even if what lies behind would complete it', () => {
  const cut: readonly (readonly [number[], number[]])[] = [
    [[0x81], [0x40]],
    [[0x8f], [0xa1, 0xa1]],
    [[0x8f, 0xa1], [0xa1]],
    [
      [0x81, 0x30],
      [0x81, 0x30],
    ],
    [[0x81, 0x30, 0x81], [0x30]],
  ];
  for (const [bytes, behind] of cut) {
    assert.notEqual(decode([...bytes, ...behind]), NOT_TEXT);
    assert.equal(decode(bytes, behind), NOT_TEXT, Buffer.from(bytes).toString('hex'));
  }
});
