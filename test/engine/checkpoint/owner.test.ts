import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeOwner, encodeOwner, ownerText, type Owner } from '../../../engine/checkpoint/owner.ts';

const OWNER: Owner = { generation: 7, beat: 3, host: 'db-1', pid: 4711, since: '2026-03-01T12:00:00.000Z', directory: 'b3c1' };

test('an owner is read as it was written, and is told with host, pid and time', () => {
  assert.deepEqual(decodeOwner(encodeOwner(OWNER)), OWNER);
  assert.equal(ownerText(OWNER), 'pid 4711 on db-1, since 2026-03-01T12:00:00.000Z');
});

test('what no owner wrote is none', () => {
  for (const text of [
    '',
    'null',
    '[]',
    '"x"',
    '{"host":',
    '{}',
    JSON.stringify({ ...OWNER, pid: -1 }),
    JSON.stringify({ ...OWNER, host: '' }),
  ]) {
    assert.equal(decodeOwner(text), null, text);
  }
});
