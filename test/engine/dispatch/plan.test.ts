import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SchemaRecord } from '../../../engine/change/schema-record.ts';
import { compilePlan } from '../../../engine/dispatch/plan.ts';
import { schema } from './dispatching.ts';

const TOPIC = { name: 't', index: 0, partitions: 4, targetBase: 0, maxMessageBytes: 1_000_000 };

test('a plan carries the schema as workers get it, its name in messages, and who has had it', () => {
  const table = schema(3, ['id', 'näme'], [0]);
  const plan = compilePlan(table, 'shop.orders', TOPIC, 3);
  const record = JSON.parse(Buffer.from(plan.record).toString()) as SchemaRecord;
  assert.deepEqual(record, { schema: table, tableName: 'shop.orders' });
  assert.deepEqual([...plan.announced], [0, 0, 0]);
  assert.notEqual(plan.key, null);
});

test('a table without a key has no key writer', () => {
  assert.equal(compilePlan(schema(1, ['a'], []), 't', TOPIC, 1).key, null);
});

test('key changes are looked for only where a row can become two', () => {
  const keyed = schema(1, ['a'], [0]);
  assert.equal(compilePlan(keyed, 't', TOPIC, 1, 'update').keyChange, null);
  assert.notEqual(compilePlan(keyed, 't', TOPIC, 1, 'delete-insert').keyChange, null);
  assert.equal(compilePlan(schema(1, ['a'], []), 't', TOPIC, 1, 'delete-insert').keyChange, null);
});
