import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Relation } from '../../../../engine/source/postgres/relations.ts';
import { hasReplicaIdentity, identityWarning } from '../../../../engine/source/postgres/replica-identity.ts';

function relation(fields: Partial<Relation>): Relation {
  const place = { oid: 1, schema: 'shop', table: 'orders', kind: 'r', persistence: 'p', parent: null } as const;
  return { ...place, identity: 'd', hasIdentityIndex: true, hasInheritors: false, isOwned: true, isReadable: true, ...fields };
}

test('a row is told apart by the index that its identity names, or by all of it', () => {
  const cases: [Relation['identity'], boolean, boolean][] = [
    ['d', true, true],
    ['d', false, false],
    ['i', true, true],
    ['i', false, false],
    ['f', false, true],
    ['n', true, false],
  ];
  for (const [identity, hasIdentityIndex, expected] of cases) {
    assert.equal(hasReplicaIdentity(relation({ identity, hasIdentityIndex })), expected, `${identity} ${hasIdentityIndex}`);
  }
});

test('it is the partitions that count, not the partitioned table', () => {
  const root = relation({ kind: 'p', identity: 'n' });
  const good = { relation: root, leaves: [relation({ table: 'orders_1' })], ancestors: [] };
  assert.equal(identityWarning([good]), null);
  const bad = { ...good, leaves: [...good.leaves, relation({ table: 'orders_2', identity: 'n' })] };
  assert.match(
    identityWarning([bad])!.message,
    /identity: shop\.orders_2\. Add a primary key, or run ALTER TABLE "shop"\."orders_2" REPLICA IDENTITY FULL;/,
  );
});
