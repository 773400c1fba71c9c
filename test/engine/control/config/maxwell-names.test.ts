import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAXWELL_REFUSED } from '../../../../engine/control/config/maxwell-names.ts';
import { meaningOf } from '../../../../engine/control/config/names.ts';

describe("Maxwell's options that mean nothing here", () => {
  it('are refused by name, and none of them is an option of ours', () => {
    for (const [name, reason] of Object.entries(MAXWELL_REFUSED)) assert.deepEqual(meaningOf(name), { kind: 'refused', reason });
  });
});
