import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeRoutes, judgeTopicKeys } from '../../../engine/dispatch/topic-keys.ts';

const PLAIN = { name: 'shop', compacted: false };
const COMPACTED = { name: 'shop', compacted: true };
const table = (name: string, isKeyed = true) => ({ schema: 'public', table: name, isKeyed });

test('one table with a key goes anywhere', () => {
  assert.equal(judgeTopicKeys(PLAIN, [table('a')], false), null);
  assert.equal(judgeTopicKeys(COMPACTED, [table('a')], false), null);
});

test('several tables in one topic are told, in a compacted one refused', () => {
  const tables = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => table(name));
  assert.match(judgeTopicKeys(PLAIN, tables, false)!, /^7 tables share topic shop \(public\.a, .*public\.e and 2 more\)/);
  assert.throws(() => judgeTopicKeys(COMPACTED, tables.slice(0, 2), false), {
    code: 'TOPIC_COMPACTED',
    message: /2 tables would share it \(public\.a, public\.b\).*--topic shop --add-config cleanup\.policy=delete/,
  });
});

test('a table without a key is refused in a compacted topic alone', () => {
  assert.equal(judgeTopicKeys(PLAIN, [table('a', false)], false), null);
  const refusal = { code: 'TOPIC_COMPACTED', message: /public\.a has neither a primary key/ };
  assert.throws(() => judgeTopicKeys(COMPACTED, [table('a', false)], false), refusal);
});

test('keys that name their table never meet, yet a null key is none', () => {
  const tables = [table('a'), table('b')];
  assert.equal(judgeTopicKeys(PLAIN, tables, true), null);
  assert.equal(judgeTopicKeys(COMPACTED, tables, true), null);
  assert.throws(() => judgeTopicKeys(COMPACTED, [table('a', false)], true), { code: 'TOPIC_COMPACTED' });
});

test('each topic is judged by the tables that go to it', () => {
  const routed = (name: string, ...topics: (typeof PLAIN)[]) => ({ ...table(name), topics });
  const other = { ...PLAIN, name: 'other' };
  assert.deepEqual(judgeRoutes([routed('a', PLAIN), routed('b', other)], false), []);
  // One topic for each kind of change, all the same.
  assert.deepEqual(judgeRoutes([routed('a', COMPACTED, COMPACTED, COMPACTED)], false), []);
  const told = judgeRoutes([routed('a', PLAIN), routed('b', PLAIN, other), routed('c', other)], false);
  assert.deepEqual(
    told.map((warning) => /^2 tables share topic (\w+) \((.*?)\)/.exec(warning)!.slice(1)),
    [
      ['shop', 'public.a, public.b'],
      ['other', 'public.b, public.c'],
    ],
  );
  assert.throws(() => judgeRoutes([routed('a', COMPACTED), routed('b', COMPACTED)], false), { code: 'TOPIC_COMPACTED' });
});
