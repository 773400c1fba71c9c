import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { NEEDS, Stage, toldError } from './stage.ts';

const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, pad text)';
const fill = (from: number, to: number) => `INSERT INTO t SELECT n, repeat('x', 200) FROM generate_series(${from}, ${to}) n`;

test('SIGTERM delivers and stores all that was read; the next start sends nothing twice', { skip: skipUnless(...NEEDS) }, async (t) => {
  const stage = await Stage.set(t, { schema: SCHEMA });
  await stage.engine.start();
  for (let i = 0; i < 20; i++) await stage.database.query(fill(i * 1000 + 1, i * 1000 + 1000));
  assert.deepEqual(await stage.engine.stop(), { code: 0, signal: null });
  await stage.database.query(fill(20_001, 20_001));
  await stage.engine.start();
  await stage.untilCount(20_001);
  assert.deepEqual(await stage.engine.stop(), { code: 0, signal: null });
  assert.equal((await stage.records()).length, 20_001);
});

test("the database's fast shutdown is not held up, and the stream goes on after its restart", { skip: skipUnless(...NEEDS) }, async (t) => {
  const stage = await Stage.set(t, { schema: SCHEMA });
  await stage.engine.start();
  await stage.database.query(fill(1, 1000));
  await stage.untilCount(1000);
  // Waits for the walsender, which waits for us.
  await stage.database.stop('fast');
  await stage.database.start();
  await stage.database.query(fill(1001, 2000));
  await stage.untilCount(2000);
  await stage.engine.stop();
  const ids = (await stage.messages()).map(({ data }) => data['id'] as number);
  assert.equal(new Set(ids).size, 2000);
  assert.equal(ids.length, 2000, 'a reconnect sends nothing twice');
});

test('a capture whose supervisor is killed is gone at once, and a new start takes over', { skip: skipUnless(...NEEDS) }, async (t) => {
  const stage = await Stage.set(t, { schema: SCHEMA });
  await stage.engine.start();
  await stage.engine.kill9();
  await until(async () => (await stage.database.query('SELECT 1 FROM pg_replication_slots WHERE active')).length === 0, {
    what: 'the slot to be free',
  });
  await stage.database.query(fill(1, 10));
  await stage.engine.start();
  await stage.untilCount(10);
});

test('a terminal that goes away while a stop delivers does not cut it short', { skip: skipUnless(...NEEDS) }, async (t) => {
  const stage = await Stage.set(t, { schema: SCHEMA });
  await stage.engine.start();
  stage.broker.pause();
  await stage.database.query(fill(1, 1000));
  await until(async () => (await stage.engine.metric('millrace_rows_total')) === 1000, { what: 'all rows to be read' });
  const { pid, capturePid } = stage.engine;
  process.kill(pid, 'SIGINT');
  await until(() => stage.engine.log().includes('delivering what is under way'), { what: 'the stop' });
  for (const hungUp of [pid, capturePid]) process.kill(hungUp, 'SIGHUP');
  stage.broker.resume();
  assert.deepEqual(await stage.engine.ended(60_000), { code: 0, signal: null });
  await stage.database.query(fill(1001, 1001));
  await stage.engine.start();
  await stage.untilCount(1001);
  await stage.engine.stop();
  assert.equal((await stage.records()).length, 1001, 'nothing was left to send again');
});

test(
  'a stop that cannot deliver all before its deadline fails with SHUTDOWN_TIMEOUT; the next start sends the rest',
  { skip: skipUnless(...NEEDS) },
  async (t) => {
    const stage = await Stage.set(t, { schema: SCHEMA, options: { SHUTDOWN_TIMEOUT: '3s' } });
    await stage.engine.start();
    await stage.database.query(fill(1, 1000));
    await stage.untilCount(1000);
    stage.broker.pause();
    await stage.database.query(fill(1001, 2000));
    await until(async () => (await stage.engine.metric('millrace_rows_total')) === 2000, { what: 'all rows to be read' });
    assert.deepEqual(await stage.engine.stop(), { code: 1, signal: null });
    assert.match(await toldError(stage.engine, 'SHUTDOWN_TIMEOUT'), /not everything was delivered/);
    stage.broker.resume();
    await stage.engine.start();
    await stage.untilCount(2000);
    assert.deepEqual(await stage.engine.stop(), { code: 0, signal: null });
    assert.equal(new Set((await stage.messages()).map(({ data }) => data['id'])).size, 2000);
  },
);

test(
  'a stop while the start waits, for a transaction or a broker, ends it at once with exit code 0',
  { skip: skipUnless(...NEEDS) },
  async (t) => {
    const stage = await Stage.set(t, { schema: SCHEMA });
    const other = await stage.database.client();
    t.after(() => other.end());
    await other.query(`BEGIN; ${fill(1, 1)}`);
    stage.engine.launch();
    await until(() => stage.engine.log().includes('SLOT_WAITS'), { what: () => `the wait for the transaction:\n${stage.engine.tail()}` });
    assert.deepEqual(await stage.engine.stop(10_000), { code: 0, signal: null });
    await other.query('COMMIT');
    stage.broker.pause();
    stage.engine.launch();
    await until(() => stage.engine.log().split('Millrace starts').length === 3, { what: 'the second start' });
    assert.deepEqual(await stage.engine.stop(10_000), { code: 0, signal: null });
    stage.broker.resume();
    await stage.engine.start();
    await stage.database.query(fill(2, 10));
    await stage.untilCount(9);
    assert.deepEqual(await stage.engine.stop(), { code: 0, signal: null });
  },
);
