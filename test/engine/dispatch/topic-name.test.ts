import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dependsOnType, isTemplate, templateProblem, topicNames, topicPattern, withoutType } from '../../../engine/dispatch/topic-name.ts';

const ORDERS = { database: 'shop', schema: 'public', table: 'orders' };
const of = (template: string, table = ORDERS) => topicNames(template, table);

test('a template is filled in for each kind of change', () => {
  assert.deepEqual(of('abcxyz'), ['abcxyz', 'abcxyz', 'abcxyz']);
  assert.equal(of('%{database}')[0], 'shop');
  assert.equal(of('cdc.%{database}.%{schema}.%{table}')[2], 'cdc.shop.public.orders');
  assert.deepEqual(of('%{table}-%{type}'), ['orders-insert', 'orders-update', 'orders-delete']);
  assert.deepEqual(['abc', 'a%{table}', '%{type}'].map(isTemplate), [false, true, true]);
  assert.deepEqual(['abc', 'a%{table}', 'x%{type}'].map(dependsOnType), [false, false, true]);
});

test('names that Kafka does not take are an error with table and name', () => {
  const error = { code: 'TOPIC_NAME_INVALID', message: /public\.a\$1 of the database shop would go to the topic "cdc\.a\$1"/ };
  assert.throws(() => of('cdc.%{table}', { ...ORDERS, table: 'a$1' }), error);
  for (const table of ['', '.', '..', 'größe', 'a b', 'x'.repeat(250)]) {
    assert.throws(() => of('%{table}', { ...ORDERS, table }), { code: 'TOPIC_NAME_INVALID' }, table);
  }
  assert.deepEqual(of('t', { ...ORDERS, table: 'a$1' }), ['t', 't', 't'], 'a name that is not in the topic may be anything');
});

test('a template that no table can fill in is refused', () => {
  for (const template of ['a', '%{table}', '%{database}.%{schema}.%{table}.%{type}', 'x'.repeat(249)]) {
    assert.equal(templateProblem(template), null, template);
  }
  assert.equal(templateProblem('%{db}.%{table}'), '%{db} stands for nothing;');
  for (const template of ['', '.', 'a b', '%{table', '${table}', ' %{table}', 'x'.repeat(250)]) assert.equal(templateProblem(template), '');
});

test('a pattern matches what its template gives, and a template without the operation leaves it out', () => {
  const pattern = topicPattern('a.b-%{table}-x');
  assert.deepEqual(
    ['a.b-orders-x', 'a.b--x', 'aXb-orders-x', 'a.b-orders-xy', 'a.b-orders'].map((name) => pattern.test(name)),
    [true, true, false, false, false],
  );
  assert.ok(topicPattern('plain').test('plain') && !topicPattern('plain').test('plainer'));
  assert.equal(withoutType('dead.%{type}.%{table}%{type}'), 'dead..%{table}');
});
