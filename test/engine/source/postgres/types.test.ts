import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnKind } from '../../../../engine/change/column-kind.ts';
import { resolveType, type TypeRow } from '../../../../engine/source/postgres/types.ts';

const ROWS: readonly (Partial<TypeRow> & { oid: number; name: string })[] = [
  { oid: 23, name: 'int4' },
  { oid: 25, name: 'text' },
  { oid: 603, name: 'box', delimiter: ';' },
  { oid: 1020, name: '_box', elementOid: 603 },
  { oid: 1043, name: 'varchar' },
  { oid: 1015, name: '_varchar', elementOid: 1043 },
  { oid: 1560, name: 'bit' },
  { oid: 1562, name: 'varbit' },
  { oid: 1700, name: 'numeric' },
  { oid: 22, name: 'int2vector' },
  { oid: 100, name: 'mood', class: 'e', schema: 's' },
  { oid: 101, name: '_mood', elementOid: 100, schema: 's' },
  { oid: 102, name: 'pair', class: 'c', schema: 's' },
  { oid: 103, name: 'span', class: 'r', schema: 's' },
  { oid: 104, name: 'spans', class: 'm', schema: 's' },
  { oid: 110, name: 'short', class: 'd', baseOid: 1043, baseModifier: 14, schema: 's' },
  { oid: 111, name: 'shorter', class: 'd', baseOid: 110, schema: 's' },
  { oid: 112, name: '_shorter', elementOid: 111, schema: 's' },
  { oid: 113, name: 'shorts', class: 'd', baseOid: 112, schema: 's' },
  { oid: 114, name: '_shorts', elementOid: 113, schema: 's' },
  { oid: 117, name: 'shortest', class: 'd', baseOid: 110, baseModifier: 9, schema: 's' },
  { oid: 115, name: 'orphan', class: 'd', baseOid: 999, schema: 's' },
  { oid: 116, name: '_orphan', elementOid: 999, schema: 's' },
  { oid: 120, name: 'hstore', schema: 'ext' },
  { oid: 121, name: 'geometry', schema: 'ext' },
  { oid: 122, name: 'citext', schema: 'public' },
  { oid: 123, name: 'bool', schema: 'public' },
  { oid: 124, name: 'hstore', schema: 'pg_catalog' },
];
const TYPES = new Map(
  ROWS.map((row): [number, TypeRow] => [
    row.oid,
    { schema: 'pg_catalog', class: 'b', baseOid: 0, baseModifier: -1, elementOid: 0, delimiter: ',', ...row },
  ]),
);

function kind(oid: number): string | undefined {
  const found = resolveType(oid, -1, TYPES)?.kind;
  return Object.entries(ColumnKind).find(([, value]) => value === found)?.[0];
}

test('built-in types, and what users make of types', () => {
  assert.deepEqual([23, 25, 1700, 1560, 100, 102, 103, 104].map(kind), [
    'int',
    'text',
    'decimal',
    'bit',
    'enum',
    'other',
    'other',
    'other',
  ]);
});

test('extensions are known by name, but a name of theirs does not make a type', () => {
  assert.deepEqual([120, 121, 122].map(kind), ['map', 'geometry', 'text']);
  assert.equal(kind(123), 'other', 'a base type called bool outside of pg_catalog is not the boolean');
  assert.equal(kind(124), 'other');
});

test('lengths of characters and bits', () => {
  assert.equal(resolveType(1043, 14, TYPES)?.length, 10);
  assert.equal(resolveType(1043, -1, TYPES)?.length, -1);
  assert.deepEqual(resolveType(1560, 8, TYPES), { kind: ColumnKind.bit, length: 8, element: null });
  assert.deepEqual(resolveType(1562, 8, TYPES), { kind: ColumnKind.other, length: 8, element: null });
  assert.equal(resolveType(1700, 786_438, TYPES)?.length, -1, 'precision and scale are no length');
});

test('a domain is its base type, over any number of domains, with the first modifier found', () => {
  assert.deepEqual(resolveType(111, -1, TYPES), { kind: ColumnKind.text, length: 10, element: null });
  assert.equal(resolveType(117, -1, TYPES)?.length, 5);
});

test('arrays have the elements of their type and what stands between them', () => {
  assert.deepEqual(resolveType(101, -1, TYPES)?.element, { kind: ColumnKind.enum, length: -1, delimiter: ',' });
  assert.deepEqual(resolveType(1020, -1, TYPES)?.element, { kind: ColumnKind.other, length: -1, delimiter: ';' });
  assert.deepEqual(resolveType(1015, 14, TYPES)?.element, { kind: ColumnKind.text, length: 10, delimiter: ',' });
  assert.deepEqual(resolveType(112, -1, TYPES)?.element, { kind: ColumnKind.text, length: 10, delimiter: ',' });
  assert.equal(kind(113), 'array', 'a domain over an array is an array');
});

test('an array of a domain over an array holds texts', () => {
  assert.deepEqual(resolveType(114, -1, TYPES)?.element, { kind: ColumnKind.other, length: -1, delimiter: ',' });
});

test('vectors of the catalogue have a text form of their own and are no arrays', () => {
  assert.equal(kind(22), 'other');
});

test('a type that is not known, or rests on one, is null', () => {
  assert.deepEqual(
    [999, 115, 116].map((oid) => resolveType(oid, -1, TYPES)),
    [null, null, null],
  );
});
