import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canBePublished, describeKind, displayName, quotedName, readRelations } from '../../../../engine/source/postgres/relations.ts';
import { skipUnless } from '../../../support/skip.ts';
import { Shop } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

for (const version of ALL_VERSIONS) {
  test(`PostgreSQL ${version}: a relation as the catalogue has it`, { skip: skipUnless(`postgres-${version}`) }, async (t) => {
    const shop = await Shop.open(
      version,
      `CREATE ROLE relations_reader LOGIN; CREATE TABLE mine (id int PRIMARY KEY); ALTER TABLE mine OWNER TO relations_reader;
       CREATE TABLE tree (id int) PARTITION BY RANGE (id); CREATE TABLE leaf PARTITION OF tree DEFAULT;
       CREATE TABLE old (id int PRIMARY KEY); CREATE TABLE young () INHERITS (old);`,
    );
    const client = await shop.server.client(shop.database, 'relations_reader');
    t.after(() => client.end());
    const relations = await readRelations(client);
    assert.deepEqual(
      relations.map((relation) => [relation.table, relation.kind, relation.isOwned, relation.hasIdentityIndex, relation.hasInheritors]),
      [
        ['leaf', 'r', false, false, false],
        ['mine', 'r', true, true, false],
        ['old', 'r', false, true, true],
        ['tree', 'p', false, false, false],
        ['young', 'r', false, false, false],
      ],
    );
    const oidOf = (name: string) => relations.find(({ table }) => table === name)!;
    assert.equal(oidOf('leaf').parent, oidOf('tree').oid);
    assert.equal(oidOf('young').parent, null, 'what inherits is no partition');
  });
}

test('kinds in words, and which of them have changes in the log', () => {
  const permanent = { persistence: 'p' } as const;
  assert.equal(describeKind({ kind: 'p', ...permanent }), 'a partitioned table');
  assert.equal(describeKind({ kind: 'r', persistence: 't' }), 'a temporary table');
  assert.deepEqual(
    (['r', 'p', 'v', 'm', 'f'] as const).map((kind) => canBePublished({ kind, ...permanent })),
    [true, true, false, false, false],
  );
  assert.equal(canBePublished({ kind: 'r', persistence: 'u' }), false);
});

test('names for messages and for statements', () => {
  const relation = { schema: 'S', table: 'a "b"; --' };
  assert.equal(displayName(relation), 'S.a "b"; --');
  assert.equal(quotedName(relation), '"S"."a ""b""; --"');
});
