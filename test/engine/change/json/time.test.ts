import assert from 'node:assert/strict';
import test from 'node:test';
import { assertRefused, jsonOf } from '../../../support/json-value.ts';

test('times and timestamps are padded to six digits', () => {
  for (let digits = 0; digits <= 6; digits++) {
    const fraction = digits === 0 ? '' : `.${'123456'.slice(0, digits)}`;
    const padded = `.${'123456'.slice(0, digits).padEnd(6, '0')}`;
    assert.equal(jsonOf({ kind: 'time' }, `19:28:43${fraction}`), `"19:28:43${padded}"`);
    assert.equal(jsonOf({ kind: 'datetime' }, `2025-09-09 19:28:43${fraction}`), `"2025-09-09 19:28:43${padded}"`);
    assert.equal(jsonOf({ kind: 'datetime' }, `0044-03-15 12:00:00${fraction} BC`), `"0044-03-15 12:00:00${padded} BC"`);
    assert.equal(jsonOf({ kind: 'timestamptz' }, `2025-09-09 11:28:43${fraction}+00`), `"2025-09-09 11:28:43${padded}"`);
    assert.equal(jsonOf({ kind: 'timestamptz' }, `0044-03-15 12:00:00${fraction}+00 BC`), `"0044-03-15 12:00:00${padded} BC"`);
  }
});

test('midnight at the end of a day stays 24', () => {
  assert.equal(jsonOf({ kind: 'time' }, '24:00:00'), '"24:00:00.000000"');
});

test('years have as many digits as they need, and no sign', () => {
  assert.equal(jsonOf({ kind: 'datetime' }, '294276-12-31 23:59:59.999999'), '"294276-12-31 23:59:59.999999"');
  assert.equal(jsonOf({ kind: 'datetime' }, '10000-01-01 00:00:00'), '"10000-01-01 00:00:00.000000"');
  assert.equal(jsonOf({ kind: 'timestamptz' }, '10000-01-01 07:59:59.5+00'), '"10000-01-01 07:59:59.500000"');
  assert.equal(jsonOf({ kind: 'datetime' }, '4714-11-24 00:00:00 BC'), '"4714-11-24 00:00:00.000000 BC"');
});

test('the infinities pass as they are', () => {
  for (const kind of ['datetime', 'timestamptz'] as const) {
    assert.equal(jsonOf({ kind }, 'infinity'), '"infinity"');
    assert.equal(jsonOf({ kind }, '-infinity'), '"-infinity"');
  }
});

test('dates, intervals and times with a zone are strings as they are', () => {
  for (const text of ['2025-09-09', '0044-03-15 BC', '5874897-12-31', 'infinity', '-infinity'])
    assert.equal(jsonOf({ kind: 'date' }, text), `"${text}"`);
  for (const text of ['1 year 2 mons 3 days 04:05:06.789', '00:00:00', '-1 days'])
    assert.equal(jsonOf({ kind: 'interval' }, text), `"${text}"`);
  assert.equal(jsonOf({ kind: 'other' }, '19:28:43.5+08'), '"19:28:43.5+08"');
});

test('an offset other than +00 is refused and shown', () => {
  for (const offset of ['+08', '-05', '+05:30', '+08:05:43', '', '+0', 'Z', '+00:00']) {
    assertRefused(
      { kind: 'timestamptz' },
      `2025-09-09 19:28:43.5${offset}`,
      /expected the offset \+00, because the session has TimeZone=UTC/,
    );
  }
  assert.throws(() => jsonOf({ kind: 'timestamptz' }, '2025-09-09 19:28:43+08'), /"2025-09-09 19:28:43\+08"/);
});

test('what is no clock time is refused', () => {
  const refused = [
    '',
    ':',
    '1:2',
    '43',
    '12:00',
    'infinit',
    'infinity ',
    '12:00:00.',
    '12:00:00.1234567',
    '12:00:0"',
    '12:00:0-',
    '12:00\n:00',
    ' BC',
    'x BC',
    '2025-09-09',
    '12:00:0é',
  ];
  for (const text of refused) {
    assertRefused({ kind: 'time' }, text, /expected a time hh:mm:ss/);
    assertRefused({ kind: 'datetime' }, text, /expected a time hh:mm:ss/);
  }
});
