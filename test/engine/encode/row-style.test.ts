import assert from 'node:assert/strict';
import test from 'node:test';
import { PLAIN_VALUES } from '../../../engine/change/json/plan.ts';
import { assertDistinctColumns, columnMatcher, rowStyleOf } from '../../../engine/encode/row-style.ts';
import { KV_JSON, MAXWELL } from '../../support/formats.ts';
import { tableSchema } from '../../support/rows.ts';

test('columns are meant by name, or by an expression of the whole name', () => {
  const isMeant = columnMatcher(['a.b', '/secret_.*|pin/', '/']);
  const names = ['a.b', 'axb', 'secret_', 'my_secret_x', 'pin', 'pins', 'secret_\n', '/', 'A.B'];
  assert.deepEqual(names.filter(isMeant), ['a.b', 'secret_', 'pin', 'secret_\n', '/']);
  assert.equal(columnMatcher([])('a'), false);
});

test('two columns that messages would call alike are refused, unless one is left out', () => {
  const schema = tableSchema(
    [
      { name: 'user_id', kind: 'int' },
      { name: 'userId', kind: 'int' },
    ],
    [],
  );
  const camel = { ...MAXWELL, naming: 'underscore_to_camelcase' } as const;
  assert.throws(() => assertDistinctColumns(schema, rowStyleOf(camel)), {
    code: 'COLUMN_NAMES_CLASH',
    message: /user_id and userId of public\.tx/,
  });
  assertDistinctColumns(schema, rowStyleOf({ ...camel, excludeColumns: ['userId'] }));
  assertDistinctColumns(schema, rowStyleOf(MAXWELL));
});

test('only kv-json shortens decimals, and it renames nothing', () => {
  assert.equal(rowStyleOf(KV_JSON).values.shortDecimals, true);
  assert.equal(rowStyleOf(KV_JSON).nameOf('a_b'), 'a_b');
  assert.deepEqual(rowStyleOf(MAXWELL).values, PLAIN_VALUES);
});
