import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultsOf } from '../../../../engine/control/config/defaults.ts';

test("Maxwell's defaults are those of messages of maxwell from what Maxwell reads", () => {
  const keysOf = (sourceUrl: string, format: 'maxwell' | 'kv-json') => defaultsOf({ sourceUrl, format }).keyFormat;
  for (const url of ['mysql://u@h', 'mariadb://u@h', 'MySQL://u@h']) {
    assert.equal(keysOf(url, 'maxwell'), 'hash');
    assert.equal(keysOf(url, 'kv-json'), 'primary_key');
  }
  assert.equal(keysOf('postgres://u@h/d', 'maxwell'), 'primary_key');
});
