import assert from 'node:assert/strict';
import test from 'node:test';
import { createEncoder } from '../../../engine/encode/formats.ts';
import { KvJsonEncoder } from '../../../engine/encode/kv-json.ts';
import { MaxwellEncoder } from '../../../engine/encode/maxwell.ts';
import { KV_JSON, MAXWELL } from '../../support/formats.ts';

test('a format is found by its name, and each encoder stands for itself', () => {
  assert.ok(createEncoder(MAXWELL) instanceof MaxwellEncoder);
  assert.ok(createEncoder(KV_JSON) instanceof KvJsonEncoder);
  assert.notEqual(createEncoder(MAXWELL), createEncoder(MAXWELL));
});
