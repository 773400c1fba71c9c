import assert from 'node:assert/strict';
import { it } from 'node:test';
import { millraceVersion } from '../../../engine/control/version.ts';

it('the version is found from the emitted file', () => {
  assert.match(millraceVersion(), /^\d+\.\d+\.\d+/);
});
