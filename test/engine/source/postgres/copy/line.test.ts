import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CopyLine } from '../../../../../engine/source/postgres/copy/line.ts';
import { rowImage } from '../../../../support/rows.ts';

/** What a line becomes, the line lying somewhere in a larger chunk. */
function imageOf(line: string | Uint8Array, columns: number): Buffer {
  const chunk = Buffer.concat([Buffer.from('..\n'), Buffer.from(line as Uint8Array), Buffer.from('next\tline\n')]);
  const copy = new CopyLine('public.t', columns);
  const end = copy.read(chunk, 3, chunk.length - 10);
  return Buffer.from(copy.bytes.subarray(0, end));
}

test('values, nulls and empty texts', () => {
  assert.deepEqual(imageOf('1\tabc\t\t\\N\n', 4), rowImage(['1', 'abc', '', null]));
  assert.deepEqual(imageOf('\\N\n', 1), rowImage([null]));
  assert.deepEqual(imageOf('\n', 1), rowImage(['']));
  assert.deepEqual(imageOf('\n', 0), rowImage([]));
  assert.deepEqual(imageOf('größe 😁\t\u0001\n', 2), rowImage(['größe 😁', '\u0001']));
});

test('every escape that COPY writes, at any place of a word', () => {
  for (let before = 0; before < 9; before++) {
    const pad = 'x'.repeat(before);
    assert.deepEqual(imageOf(`${pad}\\b\\f\\n\\r\\t\\v\\\\${pad}\n`, 1), rowImage([`${pad}\b\f\n\r\t\v\\${pad}`]), `${before} before`);
  }
  // A text that looks like a null is not one.
  assert.deepEqual(imageOf('\\\\N\t\\\\.\n', 2), rowImage(['\\N', '\\.']));
});

test('what is no line of these columns is refused', () => {
  const wrong: [string, number][] = [
    ['', 1],
    ['1', 1],
    ['1\t2\n', 1],
    ['1\n', 2],
    ['1\n2\n', 1],
    ['a\\x41\n', 1],
    ['a\\\n', 1],
    ['\\Nx\n', 1],
    ['x\n', 0],
  ];
  for (const [line, columns] of wrong) {
    assert.throws(() => imageOf(line, columns), { code: 'COPY_MALFORMED', message: /public\.t/ }, JSON.stringify(line));
  }
});

test('one buffer serves all lines, and a very long one is not kept', () => {
  const copy = new CopyLine('t', 1);
  const long = Buffer.from(`${'y'.repeat(3_000_000)}\n`);
  assert.equal(copy.read(long, 0, long.length), 2 + 5 + 3_000_000);
  copy.trim();
  const short = Buffer.from('z\n');
  copy.read(short, 0, 2);
  const { bytes } = copy;
  assert.ok(bytes.length < 1_000_000, `${bytes.length} bytes are kept`);
  copy.trim();
  copy.read(short, 0, 2);
  assert.equal(copy.bytes, bytes);
});
