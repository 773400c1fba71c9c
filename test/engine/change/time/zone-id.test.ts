import assert from 'node:assert/strict';
import test from 'node:test';
import { zoneOf } from '../../../../engine/change/time/zone-id.ts';

test("what Java's ZoneId.of takes is a zone", () => {
  for (const [id, offset] of [
    ['UTC', 0],
    ['GMT', 0],
    ['UT', 0],
    ['Z', 0],
    ['-00:00', 0],
    ['+5', 18_000],
    ['-5', -18_000],
    ['+05', 18_000],
    ['+05:30', 19_800],
    ['+0530', 19_800],
    ['+05:30:15', 19_815],
    ['+053015', 19_815],
    ['-03:30', -12_600],
    ['+18:00', 64_800],
    ['GMT+8', 28_800],
    ['GMT+0830', 30_600],
    ['GMT+08:30:15', 30_615],
    ['UTC+01:00', 3_600],
    ['UTC-0', 0],
    ['GMT-00:00', 0],
    ['UT+1', 3_600],
    ['UTC+18:00', 64_800],
    ['GMT0', 0],
    ['GMT+0', 0],
    ['UCT', 0],
    ['Zulu', 0],
    ['Etc/GMT+5', -18_000],
  ] as const) {
    assert.deepEqual(zoneOf(id), { starts: [], offsets: [offset] }, id);
  }
  for (const id of ['Asia/Shanghai', 'America/New_York', 'Europe/London', 'Japan', 'EST5EDT', 'America/Argentina/Buenos_Aires']) {
    assert.ok(zoneOf(id)!.starts.length > 5, id);
  }
});

test('what it refuses is none', () => {
  const refused = [
    '',
    ' ',
    'EST',
    'MST',
    'HST',
    'PST',
    'CST',
    'ROC',
    'utc',
    'z',
    'asia/shanghai',
    'Asia/Nowhere',
    'Asia',
    'Asia/Shanghai ',
    'UTCZ',
    '+',
    '+18:01',
    '+19',
    '+5:30',
    '+00:60',
    '+5:3',
    '+05:30:60',
    '05:30',
    '+05:30:1',
    '+ 5',
    'GMT+',
    'UTC+1:30',
    'GMT+8:30',
    'UTC+19',
    'LMT',
    'SystemV/EST5',
    'Asia/Shanghai|',
    'Asia/Shanghai|LMT CST CDT',
    '|',
    'gmt+8',
  ];
  for (const id of refused) assert.equal(zoneOf(id), null, id);
});
