import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeRoutes, judgeTopicKeys } from '../../../engine/dispatch/topic-keys.ts';

const PLAIN = { name: 'shop', compacted: false };
const NOWHERE = { inKey: false, inValue: false };
const VALUE = { inKey: false, inValue: true };
const BOTH = { inKey: true, inValue: true };
const COMPACTED = { name: 'shop', compacted: true };
const table = (name: string, isKeyed = true) => ({ schema: 'public', table: name, isKeyed });

test('one table with a key goes anywhere', () => {
  assert.equal(judgeTopicKeys(PLAIN, [table('a')], VALUE), null);
  assert.equal(judgeTopicKeys(COMPACTED, [table('a')], VALUE), null);
});

test('several tables in one topic are told, in a compacted one refused', () => {
  const tables = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => table(name));
  assert.match(judgeTopicKeys(PLAIN, tables, VALUE)!, /^7 tables share topic shop \(public\.a, .*public\.e and 2 more\)/);
  assert.throws(() => judgeTopicKeys(COMPACTED, tables.slice(0, 2), VALUE), {
    code: 'TOPIC_COMPACTED',
    message: /2 tables would share it \(public\.a, public\.b\).*--topic shop --add-config cleanup\.policy=delete/,
  });
});

test('tables that share a topic are told of if only the key names them, or nothing', () => {
  const tables = [table('a'), table('b')];
  assert.match(judgeTopicKeys(PLAIN, tables, { inKey: true, inValue: false })!, /only the key of a message names its table/);
  assert.match(judgeTopicKeys(PLAIN, tables, NOWHERE)!, /nothing in a message names its table.*%\{table\}/);
  assert.equal(judgeTopicKeys(COMPACTED, tables, { inKey: true, inValue: false })!.startsWith('2 tables share topic shop'), true);
  assert.equal(judgeTopicKeys(PLAIN, [table('a')], NOWHERE), null);
});

test('a table without a key is refused in a compacted topic alone', () => {
  assert.equal(judgeTopicKeys(PLAIN, [table('a', false)], VALUE), null);
  const refusal = { code: 'TOPIC_COMPACTED', message: /public\.a has neither a primary key/ };
  assert.throws(() => judgeTopicKeys(COMPACTED, [table('a', false)], VALUE), refusal);
});

test('keys that name their table never meet, yet a null key is none', () => {
  const tables = [table('a'), table('b')];
  assert.equal(judgeTopicKeys(PLAIN, tables, BOTH), null);
  assert.equal(judgeTopicKeys(COMPACTED, tables, BOTH), null);
  assert.throws(() => judgeTopicKeys(COMPACTED, [table('a', false)], BOTH), { code: 'TOPIC_COMPACTED' });
});

test('each topic is judged by the tables that go to it', () => {
  const routed = (name: string, ...topics: (typeof PLAIN)[]) => ({ ...table(name), topics });
  const other = { ...PLAIN, name: 'other' };
  assert.deepEqual(judgeRoutes([routed('a', PLAIN), routed('b', other)], VALUE), []);
  // One topic for each kind of change, all the same.
  assert.deepEqual(judgeRoutes([routed('a', COMPACTED, COMPACTED, COMPACTED)], VALUE), []);
  const told = judgeRoutes([routed('a', PLAIN), routed('b', PLAIN, other), routed('c', other)], VALUE);
  assert.deepEqual(
    told.map((warning) => /^2 tables share topic (\w+) \((.*?)\)/.exec(warning)!.slice(1)),
    [
      ['shop', 'public.a, public.b'],
      ['other', 'public.b, public.c'],
    ],
  );
  assert.throws(() => judgeRoutes([routed('a', COMPACTED), routed('b', COMPACTED)], VALUE), { code: 'TOPIC_COMPACTED' });
});
