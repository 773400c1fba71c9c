import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { NEEDS, Stage, toldError } from './stage.ts';

/** The least budget, so that little data is large. */
const MEMORY = { MEMORY: '32MB' };
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, pad text); ALTER TABLE t ALTER pad SET STORAGE EXTERNAL';
const WIDE_TOPIC = {
  topic: { 'max.message.bytes': '20000000' },
  kafka: { settings: { 'message.max.bytes': 20_000_000, 'replica.fetch.max.bytes': 20_000_000 } },
};

test(
  'a transaction larger than the memory budget goes through, each key once and in order, and shows meanwhile',
  { skip: skipUnless(...NEEDS) },
  async (t) => {
    const stage = await Stage.set(t, { schema: SCHEMA, options: MEMORY });
    await stage.engine.start();
    stage.broker.pause();
    await stage.database.query("INSERT INTO t SELECT n, repeat('x', 400) FROM generate_series(1, 200000) n");
    const { engine } = stage;
    await until(async () => (await engine.metric('millrace_source_stalled')) === 1, {
      deadlineMs: 60_000,
      what: 'the budget to be used up',
    });
    assert.equal(await engine.metric('millrace_epochs_open'), 1, 'the epoch that it fills');
    stage.broker.resume();
    await stage.untilCount(200_000, 120_000);
    await stage.engine.stop();
    const messages = await stage.messages();
    assert.equal(new Set(messages.map(({ data }) => data['id'])).size, 200_000);
    assert.deepEqual(
      messages.filter(({ commit }) => commit === true).map(({ data }) => data['id']),
      [200_000],
      'one commit mark, on the last row',
    );
  },
);

test(
  'a row of nearly a quarter of the budget goes through; a larger one is a named error that the next start repeats',
  { skip: skipUnless(...NEEDS) },
  async (t) => {
    const stage = await Stage.set(t, { schema: SCHEMA, options: MEMORY, ...WIDE_TOPIC });
    await stage.engine.start();
    await stage.database.query("INSERT INTO t VALUES (1, repeat('x', 7000000)), (2, 'small')");
    await stage.untilCount(2);
    await stage.database.query("INSERT INTO t VALUES (3, repeat('x', 9000000)), (4, 'behind it')");
    assert.equal((await stage.engine.ended(60_000)).code, 1);
    const first = await toldError(stage.engine, 'ROW_TOO_LARGE');
    assert.match(first, /public\.t/);
    stage.engine.launch();
    assert.equal((await stage.engine.ended(60_000)).code, 1);
    assert.equal(stage.engine.log().match(/"code":"ROW_TOO_LARGE"/g)?.length, 2, stage.engine.tail());
    const ids = new Set((await stage.messages()).map(({ data }) => data['id']));
    assert.deepEqual(ids, new Set([1, 2]), 'nothing of the transaction that cannot be delivered whole was skipped over');
    assert.match(first, /MILLRACE_MEMORY/);
    await stage.engine.start({ MEMORY: '64MB' });
    await stage.untilCount(4);
  },
);

test('the other way out of a row that is too large: without its table the others go on', { skip: skipUnless(...NEEDS) }, async (t) => {
  const stage = await Stage.set(t, { schema: `${SCHEMA}; CREATE TABLE u (id int PRIMARY KEY)`, options: MEMORY, ...WIDE_TOPIC });
  await stage.engine.start();
  await stage.database.query("INSERT INTO u VALUES (1); INSERT INTO t VALUES (2, repeat('x', 9000000)); INSERT INTO u VALUES (3)");
  assert.equal((await stage.engine.ended(60_000)).code, 1);
  assert.match(await toldError(stage.engine, 'ROW_TOO_LARGE'), /MILLRACE_TABLES/);
  await stage.engine.start({ TABLES: '*.*,!public.t' });
  await stage.database.query("INSERT INTO t VALUES (4, 'nobody asks for it'); INSERT INTO u VALUES (5)");
  const seen = async () => [...new Set((await stage.messages()).map(({ table, data }) => `${table} ${String(data['id'])}`))].sort();
  await until(async () => (await seen()).includes('u 5'), { deadlineMs: 60_000, what: () => `the row behind it:\n${stage.engine.tail()}` });
  assert.deepEqual(await seen(), ['u 1', 'u 3', 'u 5']);
});

test(
  "a message over the topic's limit is a named error with table and key; raising the limit is the way out, and nothing is lost",
  { skip: skipUnless(...NEEDS) },
  async (t) => {
    const stage = await Stage.set(t, { schema: SCHEMA, topic: { 'max.message.bytes': '20000' } });
    await stage.engine.start();
    await stage.database.query("INSERT INTO t VALUES (1, 'fits')");
    await stage.untilCount(1);
    await stage.database.query("INSERT INTO t VALUES (2, repeat('x', 30000))");
    await stage.database.query("INSERT INTO t VALUES (3, 'behind it')");
    assert.equal((await stage.engine.ended(60_000)).code, 1);
    const error = await toldError(stage.engine, 'MESSAGE_TOO_LARGE');
    assert.match(error, /public\.t/);
    assert.match(error, /\{\\"id\\":2\}|id.{1,6}2/);
    await stage.broker.alterTopic('changes', { 'max.message.bytes': '100000' });
    await stage.engine.start();
    await stage.untilCount(3);
    await stage.engine.stop();
    const ids = new Set((await stage.messages()).map(({ data }) => data['id']));
    assert.deepEqual(ids, new Set([1, 2, 3]));
  },
);
