import assert from 'node:assert/strict';
import test from 'node:test';
import { createEncoder } from '../../../engine/encode/formats.ts';
import { MaxwellEncoder } from '../../../engine/encode/maxwell.ts';

test('a format is found by its name, and each encoder stands for itself', () => {
  const options = { format: 'maxwell', primaryKey: true, old: 'key', xoffset: false } as const;
  assert.ok(createEncoder(options) instanceof MaxwellEncoder);
  assert.notEqual(createEncoder(options), createEncoder(options));
});
