import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLetters } from '../../../engine/dead-letters/letters.ts';
import { nameOfLetter } from '../../../engine/dead-letters/stored-letter.ts';
import { letterRecord, readerOf, record } from './samples.ts';

const ALL = () => true;

test("a changefeed's letters are found in every topic that its template can mean, and nothing else is", async () => {
  const of = (topic: string, partition: number, offset: number, xoffset: number) => ({
    ...letterRecord({ offset, row: { xoffset } }),
    topic,
    partition,
  });
  const reader = readerOf([
    of('dead-orders', 1, 5, 1),
    of('dead-orders', 0, 6, 2),
    of('dead-stock', 0, 0, 3),
    of('other', 0, 0, 4),
    record('dead-orders', 0, 7, 'not ours'),
    { ...letterRecord({ offset: 8, headers: { 'millrace.changefeed': 'other' }, row: { xoffset: 5 } }), topic: 'dead-orders' },
  ]);
  const letters = await readLetters(reader, 'dead-%{table}', 'shop', ALL);
  assert.deepEqual(letters.map(nameOfLetter), ['dead-orders:0:6', 'dead-orders:1:5', 'dead-stock:0:0']);
});

test('of several letters of one row the last is given, and bytes of those alone that are wanted', async () => {
  const reader = readerOf([letterRecord({ offset: 0 }), letterRecord({ offset: 1, row: { xoffset: 7 } }), letterRecord({ offset: 2 })]);
  const letters = await readLetters(reader, 'letters', 'shop', ({ offset }) => offset === 2);
  assert.deepEqual(
    letters.map((letter) => [letter.offset, letter.data.toString()]),
    [
      [1, ''],
      [2, 'row'],
    ],
  );
});
