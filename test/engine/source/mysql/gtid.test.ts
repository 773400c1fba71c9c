import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MariadbGtidPosition, parseGtids } from '../../../../engine/source/mysql/gtid.ts';

const INVALID = { code: 'POSITION_INVALID' };

test('positions are read in any order and written ascending by domain', () => {
  for (const [text, written] of [
    ['', ''],
    ['0-3000-20', '0-3000-20'],
    ['4294967295-1-18', '4294967295-1-18'],
    ['0-1-2,1-2-3', '0-1-2,1-2-3'],
    [' 5-1-2 , 1-2-3\n', '1-2-3,5-1-2'],
    ['0-4294967295-18446744073709551615', '0-4294967295-18446744073709551615'],
  ] as const) {
    assert.equal(MariadbGtidPosition.parse(text).toString(), written);
  }
});

test('what is no position is refused, with what was given', () => {
  for (const text of [
    'newest',
    '0-1',
    '0-1-2-3',
    '0-1-2:7',
    'junk,0-1-2',
    '0-1-2,',
    '4294967296-1-1',
    '0-1-18446744073709551616',
    '-1-1-1',
  ]) {
    assert.throws(() => MariadbGtidPosition.parse(text), { ...INVALID, details: { given: text } }, text);
  }
  assert.throws(() => MariadbGtidPosition.parse('0-1-2,0-9-9'), { ...INVALID, message: /a domain stands there twice/ });
  assert.equal(parseGtids('0-1-2,0-9-9').length, 2, 'a state may have several of a domain');
});

test('each domain goes on by itself', () => {
  const before = MariadbGtidPosition.parse('0-1-5,7-2-1');
  const after = before.with({ domain: 0, serverId: 3, sequence: 6n }).with({ domain: 1, serverId: 3, sequence: 1n });
  assert.equal(after.toString(), '0-3-6,1-3-1,7-2-1');
  assert.equal(before.toString(), '0-1-5,7-2-1', 'a position does not change');
  assert.equal(after.of(7)?.serverId, 2);
  assert.equal(after.of(9), null);
  assert.ok(after.contains(before));
  assert.ok(!before.contains(after));
  assert.ok(before.contains(MariadbGtidPosition.EMPTY) && MariadbGtidPosition.EMPTY.isEmpty);
});
