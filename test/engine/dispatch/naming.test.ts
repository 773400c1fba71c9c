import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertDistinctNames, tableName } from '../../../engine/dispatch/naming.ts';

test('a table is named with its schema, without it, or without public only', () => {
  const names = (['auto', 'bare', 'qualified'] as const).map((style) => [
    tableName(style, 'public', 'orders'),
    tableName(style, 'shop', 'orders'),
  ]);
  assert.deepEqual(names, [
    ['orders', 'shop.orders'],
    ['orders', 'orders'],
    ['public.orders', 'shop.orders'],
  ]);
});

test('two tables that messages could not tell apart are refused, both named', () => {
  const tables = [
    { database: 'd', schema: 'public', table: 'orders' },
    { database: 'd', schema: 'shop', table: 'orders' },
  ];
  assertDistinctNames('auto', tables);
  assertDistinctNames('qualified', tables);
  assert.throws(() => assertDistinctNames('bare', tables), { code: 'TABLE_NAMES_CLASH', message: /public\.orders and shop\.orders/ });
  // The dot may also lie within a name.
  const dotted = [
    { database: 'd', schema: 'public', table: 'shop.orders' },
    { database: 'd', schema: 'shop', table: 'orders' },
  ];
  assert.throws(() => assertDistinctNames('auto', dotted), { code: 'TABLE_NAMES_CLASH' });
});

test('two databases may each have a table of one name', () => {
  assertDistinctNames('bare', [
    { database: 'shop', schema: 'shop', table: 'orders' },
    { database: 'archive', schema: 'archive', table: 'orders' },
  ]);
});

test('one table listed twice clashes with nobody', () => {
  assertDistinctNames('bare', [
    { database: 'd', schema: 'shop', table: 'orders' },
    { database: 'd', schema: 'shop', table: 'orders' },
  ]);
});
