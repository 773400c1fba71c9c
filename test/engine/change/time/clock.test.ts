import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { clocksOf, type TimeOptions } from '../../../../engine/change/time/clock.ts';
import { zoneOf } from '../../../../engine/change/time/zone-id.ts';
import { assertRefused, arrayOf, jsonOf } from '../../../support/json-value.ts';
import { PLAIN_VALUES } from '../../../../engine/change/json/plan.ts';
import { PLAIN_TIMES } from '../../../support/formats.ts';
import { projectRoot } from '../../../support/paths.ts';

const styled = (options: Partial<TimeOptions>) => ({ ...PLAIN_VALUES, ...clocksOf({ ...PLAIN_TIMES, ...options }) });
const zoned = (zone: string, options: Partial<TimeOptions> = {}) => styled({ zone: zoneOf(zone)!, ...options });
const instant = (text: string, zone: string, options: Partial<TimeOptions> = {}) =>
  JSON.parse(jsonOf({ kind: 'timestamptz' }, text, zoned(zone, options))) as string;
const local = (text: string, options: Partial<TimeOptions>) => JSON.parse(jsonOf({ kind: 'datetime' }, text, styled(options))) as string;

test('an instant is written by the clock of its zone', () => {
  const same = '2025-09-09 11:28:43.4846+00';
  for (const [text, zone, written] of [
    [same, 'UTC', '2025-09-09 11:28:43.484600'],
    [same, 'Asia/Shanghai', '2025-09-09 19:28:43.484600'],
    [same, 'America/New_York', '2025-09-09 07:28:43.484600'],
    [same, 'Europe/London', '2025-09-09 12:28:43.484600'],
    [same, 'Japan', '2025-09-09 20:28:43.484600'],
    [same, 'Asia/Kathmandu', '2025-09-09 17:13:43.484600'],
    [same, '+05:30', '2025-09-09 16:58:43.484600'],
    [same, 'GMT+8', '2025-09-09 19:28:43.484600'],
    ['2025-11-02 05:30:00+00', 'America/New_York', '2025-11-02 01:30:00.000000'],
    ['2025-11-02 06:30:00+00', 'America/New_York', '2025-11-02 01:30:00.000000'],
    ['2025-03-09 06:59:59.999999+00', 'America/New_York', '2025-03-09 01:59:59.999999'],
    ['2025-03-09 07:00:00+00', 'America/New_York', '2025-03-09 03:00:00.000000'],
    ['1900-01-01 00:00:00+00', 'Asia/Shanghai', '1900-01-01 08:05:43.000000'],
    ['1950-01-01 01:00:00.999999+00', 'UTC', '1950-01-01 01:00:00.999999'],
    // Java would print a + before this year.
    ['9999-12-31 23:59:59.999999+00', 'Asia/Shanghai', '10000-01-01 07:59:59.999999'],
    ['294276-12-31 23:59:59.999999+00', 'Asia/Shanghai', '294277-01-01 07:59:59.999999'],
    ['0001-01-01 00:00:00+00', 'America/New_York', '0001-12-31 19:03:58.000000 BC'],
    ['0001-12-31 23:00:00+00 BC', 'Asia/Kolkata', '0001-01-01 04:53:28.000000'],
    ['4714-11-24 00:00:00+00 BC', 'UTC', '4714-11-24 00:00:00.000000 BC'],
    ['infinity', 'Japan', 'infinity'],
    ['-infinity', 'Japan', '-infinity'],
  ] as const) {
    assert.equal(instant(text, zone), written, `${text} in ${zone}`);
  }
});

test('every zone shows what Java shows, and reads a clock time as Java reads it', () => {
  const lines = readFileSync(join(projectRoot, 'test/vectors/java-zones.tsv'), 'utf8').trimEnd().split('\n').slice(1);
  assert.ok(lines.length > 500);
  for (const line of lines) {
    const [utc, zone, shown, meant] = line.split('\t') as [string, string, string, string];
    const inMicros = (text: string) => text.replace(/(:\d\d)( BC)?$/, '$1.000000$2');
    assert.equal(instant(utc.replace(/( BC)?$/, '+00$1'), zone), inMicros(shown), line);
    // The clock of the zone shows `utc`: which instant is that?
    assert.equal(local(utc, { sourceZone: zoneOf(zone) }), inMicros(meant), line);
  }
});

test('a pattern is for both kinds of timestamps; years before our era say so in every pattern', () => {
  const pattern = "dd.MM.yyyy 'at' HH:mm:ss.SSS";
  assert.equal(instant('2025-09-09 11:28:43.4846+00', 'Japan', { pattern }), '09.09.2025 at 20:28:43.484');
  assert.equal(local('2025-09-09 11:28:43.4846', { pattern }), '09.09.2025 at 11:28:43.484');
  assert.equal(local('0044-03-15 12:00:00 BC', { pattern: 'yyyy' }), '0044 BC');
  assert.equal(local('infinity', { pattern }), 'infinity');
});

test('timestamp columns stay as they are unless the zone of their clock is given', () => {
  assert.equal(clocksOf({ ...PLAIN_TIMES, zone: zoneOf('Japan')! }).locals, null);
  const shanghai = { sourceZone: zoneOf('Asia/Shanghai'), zone: zoneOf('America/New_York')! };
  assert.equal(local('2025-09-09 19:28:43.4846', shanghai), '2025-09-09 07:28:43.484600');
  const newYork = { sourceZone: zoneOf('America/New_York') };
  // Skipped, and twice there.
  assert.equal(local('2025-03-09 02:30:00', newYork), '2025-03-09 07:30:00.000000');
  assert.equal(local('2025-11-02 01:30:00', newYork), '2025-11-02 05:30:00.000000');
});

test('a kept offset is the one at that time, as PostgreSQL prints it', () => {
  const kept = (text: string, zone: string) => instant(text, zone, { keepOffset: true });
  assert.equal(kept('2025-09-09 11:28:43.4846+00', 'UTC'), '2025-09-09 11:28:43.484600+00');
  assert.equal(kept('2025-11-02 05:30:00+00', 'America/New_York'), '2025-11-02 01:30:00.000000-04');
  assert.equal(kept('2025-11-02 06:30:00+00', 'America/New_York'), '2025-11-02 01:30:00.000000-05');
  assert.equal(kept('2025-09-09 11:28:43+00', '+05:30'), '2025-09-09 16:58:43.000000+05:30');
  assert.equal(kept('0044-03-15 12:00:00+00 BC', 'America/New_York'), '0044-03-15 07:03:58.000000-04:56:02 BC');
  assert.equal(local('2025-09-09 11:28:43', { keepOffset: true }), '2025-09-09 11:28:43.000000');
});

test('elements of arrays are written by the same clock', () => {
  const text = '{"2025-09-09 11:28:43.4846+00",NULL,infinity,"0044-03-15 12:00:00+00 BC"}';
  assert.equal(
    jsonOf(arrayOf('timestamptz'), text, zoned('Japan')),
    '["2025-09-09 20:28:43.484600",null,"infinity","0044-03-15 21:18:59.000000 BC"]',
  );
  const widest = { pattern: `yyyyyyyyyyyyyyyyyyy${'"'.repeat(30)}` };
  jsonOf(arrayOf('datetime'), `{${'"2025-09-09 11:28:43",'.repeat(500)}infinity}`, styled(widest));
});

test('a text without the offset of the session is refused by name', () => {
  const japan = zoned('Japan');
  for (const text of ['2025-09-09 19:28:43', '2025-09-09 19:28:43+08', 'soon', '']) {
    assertRefused({ kind: 'timestamptz' }, text, /expected a timestamp .* the offset \+00/, japan);
  }
  assertRefused({ kind: 'datetime' }, '2025-09-09', /expected a timestamp/, styled({ pattern: 'yyyy' }));
});

test('UTC in the default pattern needs no clock', () => {
  for (const id of ['UTC', 'Z', 'GMT', '+00:00', 'Etc/UTC']) {
    assert.deepEqual(clocksOf({ ...PLAIN_TIMES, zone: zoneOf(id)! }), { instants: null, locals: null }, id);
  }
});
