import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RESTART, shell, sql, words } from '../../../engine/base/remedy.ts';

test('each says where it is carried out', () => {
  assert.deepEqual(
    [sql('a'), shell('b'), words('c'), RESTART].map(({ how, text }) => `${how}: ${text}`),
    ['sql: a', 'shell: b', 'words: c', 'words: restart the server'],
  );
});
