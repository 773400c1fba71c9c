import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../../engine/base/byte-view.ts';
import { writeNull } from '../../../../engine/change/json/null.ts';

test('null takes four bytes', () => {
  const output = new ByteView(new Uint8Array(5));
  assert.equal(writeNull(output, 1), 5);
  assert.equal(Buffer.from(output.bytes).toString(), '\0null');
});
