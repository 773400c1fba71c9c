import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TablePlan } from '../../../engine/dispatch/plan.ts';
import { Plans } from '../../../engine/dispatch/plans.ts';
import { Bench, schema } from './dispatching.ts';

test('a plan that is to come is told of once it is there, if a row has waited for it', async () => {
  const bench = new Bench(1, 65_536);
  const made = new Map<number, Promise<TablePlan>>();
  let told = 0;
  const planOf = (table: ReturnType<typeof schema>) => {
    const plan = Promise.resolve(bench.plan(table));
    made.set(table.id, plan);
    return plan;
  };
  const plans = new Plans({ planOf, onError: () => assert.fail('none'), onPlanned: () => (told += 1) });
  for (const id of [1, 2]) assert.equal(plans.add(schema(id, ['id'], [0])), true);
  assert.deepEqual(
    plans.schemasOf([1, 2, 3]).map(({ id }) => id),
    [1, 2],
    'tables are known before their plans',
  );
  plans.await(2);
  assert.equal(plans.has(2), false);
  await Promise.all(made.values());
  assert.equal(plans.has(2), true);
  assert.deepEqual([told, plans.byId[1]?.schema.id, plans.byId[2]?.schema.id], [1, 1, 2]);
  assert.throws(() => plans.await(3), { code: 'INTERNAL', message: /schema 3, which was never announced/ });
});

test('a table that is not selected has no plan, and no place in a TRUNCATE', () => {
  const plans = new Plans({ planOf: () => null, onError: () => assert.fail('none'), onPlanned: () => assert.fail('none') });
  assert.equal(plans.add(schema(1, ['id'], [0])), false);
  assert.deepEqual([plans.byId[1], plans.has(1)], [null, true]);
  assert.deepEqual(plans.schemasOf([1]), []);
});
