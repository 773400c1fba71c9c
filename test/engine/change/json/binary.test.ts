import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { PLAIN_VALUES } from '../../../../engine/change/json/plan.ts';
import { assertRefused, jsonOf } from '../../../support/json-value.ts';

const BYTES = { kind: 'bytes' } as const;

/** As PostgreSQL's bytea_output=escape prints it. */
function escapeForm(bytes: Uint8Array): string {
  const character = (byte: number) => {
    if (byte === 0x5c) return '\\\\';
    return byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte);
  };
  return Array.from(bytes, character).join('');
}

test('bytes of any length are base64, from either form', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const expected = JSON.stringify(Buffer.from(bytes).toString('base64'));
      assert.equal(jsonOf(BYTES, `\\x${Buffer.from(bytes).toString('hex')}`), expected);
      assert.equal(jsonOf(BYTES, `\\x${Buffer.from(bytes).toString('hex').toUpperCase()}`), expected);
      assert.equal(jsonOf(BYTES, escapeForm(bytes)), expected);
    }),
    { numRuns: 1_000 },
  );
});

test('every byte value survives', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.equal(jsonOf(BYTES, `\\x${Buffer.from(all).toString('hex')}`), JSON.stringify(Buffer.from(all).toString('base64')));
  assert.equal(jsonOf(BYTES, escapeForm(all)), JSON.stringify(Buffer.from(all).toString('base64')));
});

test('neither form is refused', () => {
  const refused = ['\\x0', '\\x0g', '\\x00ff1', '\\xzzzzzz', '\\x00 f', '\\1', '\\18', '\\789', '\\400', '\\', 'abc\\', '\\x0000000000g0'];
  for (const text of refused) assertRefused(BYTES, text, /expected a bytea in hex or escape form/);
});

test('bytes that are declared so are base64 as they are, whatever they look like', () => {
  const written = (bytes: Uint8Array | string) => jsonOf(BYTES, bytes, PLAIN_VALUES, 'declared');
  const look = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .uint8Array({ maxLength: 8 })
      .map(escapeForm)
      .map((text) => Buffer.from(text)),
  );
  fc.assert(fc.property(look, (bytes) => assert.equal(written(bytes), JSON.stringify(Buffer.from(bytes).toString('base64')))));
  assert.equal(written('\\x00ff'), JSON.stringify(Buffer.from('\\x00ff').toString('base64')));
});
