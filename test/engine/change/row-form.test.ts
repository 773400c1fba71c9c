import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowDecoderOf } from '../../../engine/change/row-form.ts';
import { INVERTED, inverted } from '../../support/row-forms.ts';
import { tableSchema } from '../../support/rows.ts';

const COLUMNS = [{ name: 'id', kind: 'int' }] as const;

test('a table has the decoder of its form, none where images are canonical, and a form without one is a defect', () => {
  const asked: unknown[] = [];
  const decoders = { inverted: (...given: unknown[]) => (asked.push(given), inverted) };
  const formed = tableSchema(COLUMNS, ['id'], { form: INVERTED });
  assert.equal(rowDecoderOf(decoders, formed, [0]), inverted);
  assert.deepEqual(asked, [[formed, [0]]]);
  assert.equal(rowDecoderOf(decoders, tableSchema(COLUMNS, ['id']), null), null);
  assert.throws(() => rowDecoderOf({}, formed, null), { code: 'INTERNAL' });
});
