import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../../engine/base/byte-view.ts';
import { failValue } from '../../../../engine/change/json/fail.ts';
import { valuePlan } from '../../../support/json-value.ts';

test('the error names column, table and type, and shows the first bytes of the value alone', () => {
  const text = Buffer.from(`ab"${'c'.repeat(60)}`);
  assert.throws(() => failValue(valuePlan({ kind: 'int', sourceType: 'integer' }), new ByteView(text), 0, text.length, 'digits'), {
    code: 'VALUE_INVALID',
    message: `column c of public.t (integer) has the value "ab\\"${'c'.repeat(45)}" and 15 bytes more; expected digits`,
    details: { table: 'public.t', column: 'c', type: 'integer' },
  });
});
