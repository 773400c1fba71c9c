import assert from 'node:assert/strict';
import test from 'node:test';
import { equals } from '../../../../engine/change/json/equals.ts';

test('compares a range with all of the expected bytes', () => {
  const bytes = Buffer.from('xNULLy');
  const expected = Buffer.from('NULL');
  assert.ok(equals(bytes, 1, 5, expected));
  assert.ok(!equals(bytes, 1, 4, expected));
  assert.ok(!equals(bytes, 1, 6, expected));
  assert.ok(!equals(bytes, 0, 4, expected));
  assert.ok(equals(bytes, 3, 3, Buffer.of()));
});
