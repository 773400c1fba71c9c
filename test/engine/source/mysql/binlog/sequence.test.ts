import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import { Fields } from '../../../../../engine/source/mysql/binlog/fields.ts';
import { hasSequenceColumns } from '../../../../../engine/source/mysql/binlog/sequence.ts';
import { parseTableMap } from '../../../../../engine/source/mysql/binlog/table-map.ts';
import type { Flavor } from '../../../../../engine/source/mysql/url.ts';
import { SEQUENCE_COLUMNS, tableMapBody, type MapInput } from '../../../../support/binlog-events.ts';

function isOne(map: MapInput, flavor: Flavor = 'mariadb'): boolean {
  const body = tableMapBody({ columns: SEQUENCE_COLUMNS, nullable: false, optional: [], ...map });
  return hasSequenceColumns(parseTableMap(new Fields(body, 0, body.length, 'a TABLE_MAP event'), flavor), flavor);
}

test('the columns of a sequence, of whatever integers it was declared with', () => {
  assert.equal(isOne({}), true);
  assert.equal(isOne({ columns: SEQUENCE_COLUMNS.map((column) => ({ ...column, type: ColumnType.tiny })) }), true);
});

test('a table that differs in anything is a table', () => {
  assert.equal(isOne({}, 'mysql'), false, 'MySQL has no sequences');
  assert.equal(isOne({ nullable: true }), false);
  assert.equal(isOne({ optional: null }), false, 'without names');
  assert.equal(isOne({ optional: [[8, [0]]] }), false, 'with a primary key');
  assert.equal(isOne({ columns: SEQUENCE_COLUMNS.slice(0, -1) }), false);
  assert.equal(isOne({ columns: SEQUENCE_COLUMNS.toReversed() }), false);
  assert.equal(isOne({ columns: SEQUENCE_COLUMNS.with(6, { name: 'cycle_option', type: ColumnType.year }) }), false);
});
