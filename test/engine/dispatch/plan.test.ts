import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoutedSchema } from '../../../engine/change/schema-record.ts';
import type { KeyChangeStyle } from '../../../engine/dispatch/key-change.ts';
import { compilePlan, type PlanRules } from '../../../engine/dispatch/plan.ts';
import { schema } from './dispatching.ts';

const TOPICS = ['inserts', 'updates', 'deletes'].map((name, index) => {
  return { name, index, partitions: 4, targetBase: 4 * index, maxMessageBytes: 1_000_000 };
});
const rules = (workers: number, keyChange: KeyChangeStyle = 'update'): PlanRules => {
  return {
    keyFormat: 'primary_key',
    placement: { by: 'key', columns: [], fallback: 'random', hash: 'murmur2' },
    keyChange,
    decoders: {},
    workers,
  };
};

test('a plan carries the schema as workers get it, its name in messages, and who has had it', () => {
  const table = schema(3, ['id', 'näme'], [0]);
  const plan = compilePlan(table, 'shop.orders', TOPICS, rules(3));
  const record = JSON.parse(Buffer.from(plan.record).toString()) as RoutedSchema;
  assert.deepEqual(record, { schema: table, tableName: 'shop.orders', deadLetters: null });
  assert.deepEqual([...plan.announced], [0, 0, 0]);
  assert.notEqual(plan.key, null);
  assert.deepEqual(
    plan.destinations.map(({ topic }) => topic),
    TOPICS,
  );
});

test('a table without a key has no key writer', () => {
  assert.equal(compilePlan(schema(1, ['a'], []), 't', TOPICS, rules(1)).key, null);
});

test('key changes are looked for only where a row can become two', () => {
  const keyed = schema(1, ['a'], [0]);
  assert.equal(compilePlan(keyed, 't', TOPICS, rules(1, 'update')).keyChange, null);
  assert.notEqual(compilePlan(keyed, 't', TOPICS, rules(1, 'delete-insert')).keyChange, null);
  assert.equal(compilePlan(schema(1, ['a'], []), 't', TOPICS, rules(1, 'delete-insert')).keyChange, null);
});
