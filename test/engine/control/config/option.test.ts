import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fileKeyOf, flagOf, variableOf } from '../../../../engine/control/config/option.ts';

it("an option's name is written in three notations", () => {
  assert.equal(variableOf('SOURCE_URL'), 'MILLRACE_SOURCE_URL');
  assert.equal(flagOf('SOURCE_URL'), '--source-url');
  assert.equal(fileKeyOf('SOURCE_URL'), 'source_url');
});
