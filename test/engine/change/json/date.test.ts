import assert from 'node:assert/strict';
import test from 'node:test';
import { PLAIN_VALUES } from '../../../../engine/change/json/plan.ts';
import { assertRefused, jsonOf } from '../../../support/json-value.ts';

const KINDS = ['date', 'datetime', 'timestamptz'] as const;
const written = (text: string, zeroDates: 'zeros' | 'null' = 'zeros', kind: (typeof KINDS)[number] = 'datetime') =>
  jsonOf({ kind }, text, { ...PLAIN_VALUES, zeroDates }, 'declared');

test('a date goes out as it is declared, with its digits of a second', () => {
  for (const kind of KINDS)
    for (const text of ['2015-11-07', '2015-11-07 01:02:03', '0001-01-01 00:00:00.000000', '9999-12-31 23:59:59.9', '2004-04-31'])
      assert.equal(written(text, 'zeros', kind), `"${text}"`);
});

test('a year, month or day that is zero makes all of it zeros, or null', () => {
  const cases = [
    ['0000-00-00', '0000-00-00'],
    ['0000-01-01', '0000-00-00'],
    ['2015-00-01', '0000-00-00'],
    ['2015-01-00', '0000-00-00'],
    ['0003-00-00 00:00:01', '0000-00-00 00:00:00'],
    ['2015-01-00 11:12:13.123', '0000-00-00 00:00:00.000'],
    ['0000-00-00 00:00:00.000000', '0000-00-00 00:00:00.000000'],
  ] as const;
  for (const [text, zeros] of cases) {
    assert.equal(written(text), `"${zeros}"`);
    assert.equal(written(text, 'null'), 'null');
  }
  assert.equal(written('2010-10-10 00:00:00', 'null'), '"2010-10-10 00:00:00"', 'zeros of the time are no zero part');
});

test('what is no date is refused', () => {
  for (const text of [
    '',
    '2015-11-7',
    '2015/11/07',
    '2015-11-07T01:02:03',
    '2015-11-07 01:02:03"',
    '2015-11-07+08',
    '-015-11-07',
    '12:00:00',
  ])
    for (const zeroDates of ['zeros', 'null'] as const)
      assertRefused({ kind: 'date' }, text, /expected a date yyyy-mm-dd/, { ...PLAIN_VALUES, zeroDates }, 'declared');
});
