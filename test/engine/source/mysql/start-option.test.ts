import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStartOption } from '../../../../engine/source/mysql/start-option.ts';

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

test('each form is told from the others', () => {
  assert.deepEqual(parseStartOption('newest'), { kind: 'newest' });
  assert.deepEqual(parseStartOption(' oldest '), { kind: 'oldest' });
  assert.deepEqual(parseStartOption('7-1-2,0-1-5'), { kind: 'gtid', gtid: '0-1-5,7-1-2' });
  assert.deepEqual(parseStartOption(`${UUID.toUpperCase()}:1-5:6`), { kind: 'gtid', gtid: `${UUID}:1-6` });
  assert.deepEqual(parseStartOption('mysql-bin.000012:345'), { kind: 'place', file: 'mysql-bin.000012', offset: 345 });
  assert.deepEqual(parseStartOption('/log/bin.1234567:5000000000'), { kind: 'place', file: '/log/bin.1234567', offset: 5_000_000_000 });
  assert.deepEqual(parseStartOption('2026-11-30T08:00:00Z'), { kind: 'time', ms: Date.UTC(2026, 10, 30, 8) });
  assert.deepEqual(parseStartOption('2026-11-30T08:00:00.25+02:00'), { kind: 'time', ms: Date.UTC(2026, 10, 30, 6, 0, 0, 250) });
});

test('what is none of them is none: a time needs its zone, an offset lies behind the magic of the file', () => {
  for (const text of ['', 'now', '0-1', 'mysql-bin.000012', 'mysql-bin:3', 'bin.000001:3', '2026-11-30T08:00:00', '2026-13-30T08:00:00Z']) {
    assert.equal(parseStartOption(text), null, text);
  }
});
