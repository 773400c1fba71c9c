import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesBehind } from '../../../../engine/source/mysql/log-files.ts';

test('bytes of log behind a place, over the files that follow', () => {
  const files = ['a.000001', 'a.000002', 'a.000003'].map((name, index) => ({ name, bytes: 100 * (index + 1) }));
  assert.equal(bytesBehind(files, 'a.000003', 300), 0);
  assert.equal(bytesBehind(files, 'a.000003', 310), 0, 'the server may have written on since');
  assert.equal(bytesBehind(files, 'a.000001', 40), 560);
  assert.equal(bytesBehind(files, 'a.000004', 4), null);
});
