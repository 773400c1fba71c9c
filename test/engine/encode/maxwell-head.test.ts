import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { MaxwellHead } from '../../../engine/encode/maxwell-head.ts';
import { rowRecord } from '../../support/rows.ts';

test('a head is written whole at any position, within its greatest length', () => {
  const head = new MaxwellHead('déjà', 't"', 'update');
  for (let position = 0; position < 9; position++) {
    const output = new ByteView(new Uint8Array(position + head.lengthMax).fill(0xee));
    const { words, record } = rowRecord({ operation: 'update', xid: 2147483648, commitMicros: 9_223_372_036_854_775_807n }, 16);
    const end = head.write(words, record >> 2, output, position);
    const text = Buffer.from(output.bytes.subarray(position, end)).toString();
    assert.equal(text, '{"database":"déjà","table":"t\\"","type":"update","ts":9223372036854,"xid":-2147483648');
    assert.ok(output.bytes.subarray(0, position).every((byte) => byte === 0xee));
  }
});

test('of a row without a transaction it ends with the time', () => {
  const head = new MaxwellHead('d', 't', 'insert', false);
  const output = new ByteView(new Uint8Array(head.lengthMax));
  const { words, record } = rowRecord({ operation: 'insert', xid: 0, commitMicros: 1_700_000_000_999_999n }, 0);
  const end = head.write(words, record >> 2, output, 0);
  assert.equal(Buffer.from(output.bytes.subarray(0, end)).toString(), '{"database":"d","table":"t","type":"insert","ts":1700000000');
});
