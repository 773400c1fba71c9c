import assert from 'node:assert/strict';
import test from 'node:test';
import { Civil } from '../../../../engine/change/time/civil.ts';
import { readTimestamp } from '../../../../engine/change/time/timestamp-text.ts';

function read(text: string, hasOffset = false): readonly number[] | null {
  const bytes = Buffer.from(`#${text}#`);
  const civil = new Civil();
  if (!readTimestamp(bytes, 1, bytes.length - 1, hasOffset, civil)) return null;
  return [civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second, civil.micros];
}

test('timestamps are read to the microsecond', () => {
  assert.deepEqual(read('2025-09-09 19:28:43'), [2025, 9, 9, 19, 28, 43, 0]);
  assert.deepEqual(read('2025-09-09 19:28:43.4846'), [2025, 9, 9, 19, 28, 43, 484_600]);
  assert.deepEqual(read('2025-12-31 23:59:59.999999+00', true), [2025, 12, 31, 23, 59, 59, 999_999]);
  assert.deepEqual(read('294276-12-31 00:00:00.000001'), [294_276, 12, 31, 0, 0, 0, 1]);
  assert.deepEqual(read('0044-03-15 12:00:00 BC'), [-43, 3, 15, 12, 0, 0, 0]);
  assert.deepEqual(read('0001-01-01 00:00:00.5+00 BC', true), [0, 1, 1, 0, 0, 0, 500_000]);
});

test('anything else is not', () => {
  const texts = [
    '',
    'infinity',
    '2025-09-09',
    '19:28:43',
    '2025-09-09T19:28:43',
    '2025-9-09 19:28:43',
    '025-09-09 19:28:43',
    '2025-09-09 19:28',

    '2025-13-09 19:28:43',
    '2025-00-09 19:28:43',
    '2025-09-32 19:28:43',
    '2025-09-09 24:28:43',
    '2025-09-09 19:60:43',
    '2025-09-09 19:28:60',
    '2025-09-09 19:28:43.',
    '2025-09-09 19:28:43.1234567',
    '2025-09-09 19:28:43.12a',
    '2025-09-0a 19:28:43',
    '2025-09-09 19:28:43 AD',
    '0000-01-01 00:00:00',
    '1234567-01-01 00:00:00',
    '2025-09-09 19:28:43+00',
    '+2025-09-09 19:28:43',
    ' BC',
    '+00',
  ];
  for (const text of texts) assert.equal(read(text), null, text);
  for (const text of ['2025-09-09 19:28:43', '2025-09-09 19:28:43+08', '2025-09-09 19:28:43+00:00', '+00', '+00 BC']) {
    assert.equal(read(text, true), null, text);
  }
});
