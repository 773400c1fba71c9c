import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { errnoOf } from '../../../engine/control/errno.ts';

it("an error is named by the system's short name, else by its message", () => {
  assert.throws(
    () => readFileSync('/nowhere'),
    (error) => errnoOf(error) === 'ENOENT',
  );
  assert.equal(errnoOf(new Error('plain')), 'plain');
  assert.equal(errnoOf('text'), 'text');
});
