import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostgresStart } from '../../../../engine/change/source-binding.ts';
import { planPublication, type PublicationRequest } from '../../../../engine/source/postgres/publication-plan.ts';
import { OPERATIONS, type PublicationState } from '../../../../engine/source/postgres/publication.ts';
import type { SelectedTable } from '../../../../engine/source/postgres/selection.ts';

function table(oid: number, name: string, isOwned = true): SelectedTable {
  const relation = { oid, schema: 'public', table: name, kind: 'r', persistence: 'p', parent: null, identity: 'd' } as const;
  const whole = { ...relation, hasIdentityIndex: true, hasInheritors: false, isOwned, isReadable: true };
  return { relation: whole, leaves: [whole], ancestors: [] };
}

const ORDERS = table(1, 'orders');
const STOCK = table(2, 'stock');

function state(tables: readonly SelectedTable[], fields: Partial<PublicationState> = {}): PublicationState {
  const members = tables.map(({ relation }) => relation);
  return {
    name: 'p',
    oid: 7,
    isOurs: true,
    isOwned: true,
    allTables: false,
    viaRoot: true,
    operations: OPERATIONS,
    members,
    published: new Set(members.map(({ oid }) => oid)),
    narrowed: [],
    ...fields,
  };
}

function request(tables: readonly SelectedTable[], fields: Partial<PublicationRequest> = {}): PublicationRequest {
  const names = { name: 'p', changefeed: 'shop', database: 'db', user: 'app' };
  return { ...names, tables, viaRoot: true, canCreate: true, slot: 'millrace_shop', slotExists: true, stored: null, ...fields };
}

function stored(publicationOid: number | null, lsn: string | null): PostgresStart {
  const place = { systemIdentifier: '1', timeline: 1, snapshotLsn: null, database: 'db', publication: 'p', publicationOid };
  const position = lsn === null ? null : ({ kind: 'postgres', parts: [{ connection: 's', lsn }] } as const);
  return { position, source: { kind: 'postgres', slot: 's', claim: 'created', ...place } };
}

function codes(found: ReturnType<typeof planPublication>): string[] {
  return found.problems.map(({ code }) => code);
}

test('a missing publication is created while no slot needs it, and refused once one does', () => {
  const created = planPublication(null, request([ORDERS], { slotExists: false }));
  assert.deepEqual([created.action, created.problems, created.statements.length], ['create', [], 2]);
  assert.deepEqual(codes(planPublication(null, request([ORDERS]))), ['PUBLICATION_MISSING']);
});

test('what the creation lacks is told together', () => {
  const plan = planPublication(null, request([ORDERS, table(3, 'theirs', false)], { slotExists: false, canCreate: false }));
  assert.deepEqual(codes(plan), ['PUBLICATION_PRIVILEGE']);
  assert.match(
    plan.problems[0]!.message,
    /lacks the privilege CREATE .* and the ownership of public\.theirs\. Have a superuser or the owner run: CREATE/,
  );
});

test('one that was made again is refused when a position was reached through the other, and only then', () => {
  assert.deepEqual(codes(planPublication(state([ORDERS]), request([ORDERS], { stored: stored(6, '0/1') }))), ['PUBLICATION_RECREATED']);
  for (const start of [stored(7, '0/1'), stored(6, null), stored(null, '0/1'), null]) {
    assert.deepEqual(codes(planPublication(state([ORDERS]), request([ORDERS], { stored: start }))), []);
  }
});

test('ours is altered where it differs, by those who may', () => {
  assert.equal(planPublication(state([ORDERS, STOCK]), request([ORDERS, STOCK])).action, 'use');
  const both = planPublication(state([ORDERS]), request([STOCK]));
  assert.deepEqual(both.statements, [
    'ALTER PUBLICATION "p" ADD TABLE "public"."stock"',
    'ALTER PUBLICATION "p" DROP TABLE ONLY "public"."orders"',
  ]);
  assert.deepEqual(both.added, [STOCK]);
  const settings = planPublication(state([ORDERS], { operations: ['insert'], viaRoot: false }), request([ORDERS]));
  assert.deepEqual(settings.statements, [
    `ALTER PUBLICATION "p" SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)`,
  ]);
  assert.deepEqual(codes(planPublication(state([ORDERS], { isOwned: false }), request([STOCK]))), ['PUBLICATION_PRIVILEGE']);
  assert.deepEqual(codes(planPublication(state([ORDERS]), request([ORDERS, table(3, 'theirs', false)]))), ['PUBLICATION_PRIVILEGE']);
});

test("another's is never altered, even with our comment on FOR ALL TABLES", () => {
  const everything = state([ORDERS, STOCK], { allTables: true, members: [] });
  assert.deepEqual(
    [planPublication(everything, request([ORDERS])).action, codes(planPublication(everything, request([ORDERS])))],
    ['use', []],
  );
  const theirs = planPublication(state([ORDERS], { isOurs: false }), request([ORDERS, STOCK]));
  assert.deepEqual([theirs.statements, codes(theirs)], [[], ['PUBLICATION_INCOMPLETE']]);
});
