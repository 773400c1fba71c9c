import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeTopicKeys } from '../../../engine/dispatch/topic-keys.ts';

const PLAIN = { name: 'shop', compacted: false };
const COMPACTED = { name: 'shop', compacted: true };
const table = (name: string, isKeyed = true) => ({ schema: 'public', table: name, isKeyed });

test('one table with a key goes anywhere', () => {
  assert.equal(judgeTopicKeys(PLAIN, [table('a')]), null);
  assert.equal(judgeTopicKeys(COMPACTED, [table('a')]), null);
});

test('several tables in one topic are told, in a compacted one refused', () => {
  const tables = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => table(name));
  assert.match(judgeTopicKeys(PLAIN, tables)!, /^7 tables share topic shop \(public\.a, .*public\.e and 2 more\)/);
  assert.throws(() => judgeTopicKeys(COMPACTED, tables.slice(0, 2)), {
    code: 'TOPIC_COMPACTED',
    message: /2 tables would share it \(public\.a, public\.b\).*--topic shop --add-config cleanup\.policy=delete/,
  });
});

test('a table without a key is refused in a compacted topic alone', () => {
  assert.equal(judgeTopicKeys(PLAIN, [table('a', false)]), null);
  const refusal = { code: 'TOPIC_COMPACTED', message: /public\.a has neither a primary key/ };
  assert.throws(() => judgeTopicKeys(COMPACTED, [table('a', false)]), refusal);
});
