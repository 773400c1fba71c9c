import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CopyPart } from '../../../../../engine/source/postgres/copy/catalog.ts';
import { copyStatement, onlyName, unitStatements } from '../../../../../engine/source/postgres/copy/statements.ts';

const PART: CopyPart = { oid: 17, schema: 'shop', table: 'a "b"', kind: 'r', bytes: 0, pages: 0, heapPages: 0, rows: 0 };
const ALL = { key: [], from: null, to: null };

test('a whole table is copied as such, anything else by a query', () => {
  assert.equal(copyStatement(PART, ['id', 'größe'], null, ALL), 'COPY "shop"."a ""b""" ("id", "größe") TO STDOUT');
  assert.equal(copyStatement({ ...PART, kind: 'm' }, ['id'], null, ALL), 'COPY (SELECT "id" FROM "shop"."a ""b""") TO STDOUT');
  assert.equal(copyStatement(PART, [], null, ALL), 'COPY (SELECT  FROM ONLY "shop"."a ""b""") TO STDOUT');
  assert.equal(copyStatement(PART, ['id'], '(id > 3)', ALL), 'COPY (SELECT "id" FROM ONLY "shop"."a ""b""" WHERE ((id > 3))) TO STDOUT');
});

test('a unit lies between two cuts, whatever stands in them', () => {
  const range = { key: ['a', 'b'], from: ['1', "o'x"], to: ['2', 'back\\slash'] };
  assert.equal(
    copyStatement(PART, ['a'], null, range),
    `COPY (SELECT "a" FROM ONLY "shop"."a ""b""" WHERE ("a", "b") >= ('1', 'o''x') AND ("a", "b") < ('2',  E'back\\\\slash')) TO STDOUT`,
  );
});

test('ONLY where tables could inherit', () => {
  assert.equal(onlyName(PART), 'ONLY "shop"."a ""b"""');
  assert.equal(onlyName({ ...PART, kind: 'f' }), '"shop"."a ""b"""');
});

test('a unit is one transaction under the snapshot that asks at its end whether the table is still the same', () => {
  const lines = unitStatements('00000003-1', PART, 'COPY ...').split(';\n');
  assert.deepEqual(lines.slice(0, 3), [
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    "SET TRANSACTION SNAPSHOT '00000003-1'",
    'COPY ...',
  ]);
  assert.match(lines[3]!, /pg_relation_filenode\(c\.oid\).*to_regclass\('"shop"\."a ""b"""'\).*c\.oid = 17/s);
  assert.equal(lines[4], 'COMMIT');
});
