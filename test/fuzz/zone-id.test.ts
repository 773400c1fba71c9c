import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { zoneNames } from '../../engine/change/time/tzdata.ts';
import { zoneOf } from '../../engine/change/time/zone-id.ts';
import { TABLE_END, type ZoneTable } from '../../engine/change/time/zone.ts';
import { readOptions } from '../../engine/control/config/read.ts';

const RUNS = { numRuns: 10_000, seed: 20_250_909 };
const NAMES = zoneNames();
/** Of the database, and refused by Java. */
const REFUSED_NAMES = new Set(['EST', 'MST', 'HST', 'ROC']);
const KNOWN = new Set(NAMES.filter((name) => !REFUSED_NAMES.has(name)));
/** The database as it is packed: pieces of it look much like names. */
const PACKED = packedTexts();

function packedTexts(): string[] {
  const load = createRequire(import.meta.url);
  const core = load('@js-joda/core') as { ZoneRulesProvider: { getTzdbData(): { zones: string[]; links: string[] } } };
  const { zones, links } = core.ZoneRulesProvider.getTzdbData();
  return [...zones, ...links];
}

const HOSTILE = [
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  '|',
  'Z\0',
  '\u221205:00',
  '+٠٥:٣٠',
  '\ud800',
  'x'.repeat(100_000),
  '.*',
  '../UTC',
];

const offsetLike = fc.stringMatching(/^(UTC|GMT|UT|Z)?[+-]?[0-9:]{0,9}$/);
const packedPiece = fc.tuple(fc.constantFrom(...PACKED), fc.nat(6), fc.nat(3)).map(([text, parts, from]) =>
  text
    .split('|')
    .slice(from === 0 ? 0 : from - 1, parts)
    .join('|'),
);
/** A name with a character put in, taken out, or changed between upper and lower case. */
const nearName = fc
  .tuple(fc.constantFrom(...NAMES), fc.nat(40), fc.constantFrom('', ' ', '/', '|', '+1', '\0', 'x'), fc.nat(1), fc.boolean())
  .map(([name, at, put, drop, swap]) => {
    const [head, tail] = [name.slice(0, at), name.slice(at + drop)];
    return `${head}${put}${swap ? tail.toLowerCase() : tail}`;
  });
const ids = fc.oneof(
  offsetLike,
  fc.constantFrom(...NAMES),
  nearName,
  packedPiece,
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary' }),
);

/** The rule by another way: the offset is written in every form that its digits allow, and the text must be one of them. */
function isOffset(text: string): boolean {
  const digits = text.slice(1).replaceAll(':', '');
  if (!/^[+-]$/.test(text.slice(0, 1)) || !/^(\d|\d\d|\d{4}|\d{6})$/.test(digits)) return false;
  const [h, m, s] = digits.length === 1 ? [digits, '', ''] : [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4)];
  const forms = [digits, [h, m, s].filter((part) => part !== '').join(':')];
  return forms.includes(text.slice(1)) && Number(m) < 60 && Number(s) < 60 && Number(h) * 3_600 + Number(m) * 60 + Number(s) <= 18 * 3_600;
}

function isZone(id: string): boolean {
  if (['Z', 'UT'].includes(id) || KNOWN.has(id)) return true;
  const prefix = ['UTC', 'GMT', 'UT', ''].find((start) => id.startsWith(start))!;
  return isOffset(id.slice(prefix.length));
}

function assertSound({ starts, offsets }: ZoneTable, id: string): void {
  assert.equal(offsets.length, starts.length + 1, id);
  assert.ok(
    starts.every((start, i) => Number.isInteger(start) && start < TABLE_END && (i === 0 || start > starts[i - 1]!)),
    `${id}: transitions ascend`,
  );
  assert.ok(
    offsets.every((offset) => Number.isInteger(offset) && Math.abs(offset) <= 18 * 3_600),
    `${id}: offsets`,
  );
}

test('every name of the database has sound tables', () => {
  assert.ok(NAMES.length > 500);
  for (const name of KNOWN) assertSound(zoneOf(name)!, name);
});

test('any text is the zone that Java would take it for, or none', () => {
  fc.assert(
    fc.property(ids, (id) => {
      const zone = zoneOf(id);
      assert.equal(zone !== null, isZone(id), JSON.stringify(id));
      if (zone !== null) assertSound(zone, id);
    }),
    RUNS,
  );
});

test('what is no zone is a problem that names the variable and what is accepted', () => {
  const variables = ['MILLRACE_ZONE_ID', 'MILLRACE_TIMEZONE_CONVERSION_SOURCE_TIMEZONE'] as const;
  fc.assert(
    fc.property(ids, fc.constantFrom(...variables), (id, variable) => {
      const { problems } = readOptions({ argv: [], env: { [variable]: id }, cwd: '/' }, []);
      if (isZone(id.trim())) assert.deepEqual(problems, []);
      else if (problems.length > 0 || id.trim() !== '') {
        assert.equal(problems.length, 1, JSON.stringify(id));
        assert.match(problems[0]!, new RegExp(`^${variable}: given .*, accepted: a zone as Java takes it`, 's'));
        assert.ok(problems[0]!.length < 1_000, `${problems[0]!.length} characters`);
      }
    }),
    { ...RUNS, numRuns: 2_000 },
  );
});
