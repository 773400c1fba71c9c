import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import { consume } from '../support/consume.ts';
import { createTopic, endOffsets } from '../support/kafka-admin.ts';
import { OldestKafka } from '../support/kafka-oldest.ts';
import { KAFKA_USER } from '../support/kafka-properties.ts';
import { Millrace, type MillraceOptions } from '../support/millrace.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { toldError } from './stage.ts';

const SKIP = skipUnless('kafka-oldest', 'kcat', 'postgres-15');
const ROWS = 100;

/** Of the file; undefined where the tests are skipped. */
let database: PostgresServer;
let broker: OldestKafka;
before(async () => {
  if (SKIP !== false) return;
  [database, broker] = await Promise.all([startPostgres({ version: '15' }), OldestKafka.start()]);
});
after(async () => {
  if (SKIP === false) await Promise.all([database.destroy(), broker.destroy()]);
});

/** A changefeed of a database, and to a topic, of its name. */
async function feed(t: TestContext, name: string, options: MillraceOptions): Promise<Millrace> {
  await database.query(`CREATE DATABASE ${name}`);
  await database.query('CREATE TABLE t (id int PRIMARY KEY)', undefined, name);
  await createTopic(broker.bootstrapServers, name, 2, {});
  const engine = await Millrace.prepare({ CHANGEFEED: name, SOURCE_URL: database.url(name), TABLES: '*.*', TOPIC: name, ...options });
  t.after(() =>
    engine.kill9().then(
      () => undefined,
      () => undefined,
    ),
  );
  return engine;
}

const loggedIn = (more: MillraceOptions = {}): MillraceOptions => ({
  BOOTSTRAP_SERVERS: broker.saslAddress,
  SASL_MECHANISM: 'PLAIN',
  SASL_USERNAME: KAFKA_USER.name,
  SASL_PASSWORD: KAFKA_USER.password,
  ...more,
});

async function assertDelivers(engine: Millrace, name: string): Promise<void> {
  await database.query(`INSERT INTO t SELECT generate_series(1, ${ROWS})`, undefined, name);
  const count = async () => (await endOffsets(broker.bootstrapServers, name)).reduce((sum, offset) => sum + offset, 0);
  await until(async () => (await count()) === ROWS, { deadlineMs: 60_000, what: () => `${ROWS} messages:\n${engine.tail()}` });
  assert.deepEqual(await engine.stop(), { code: 0, signal: null });
  const records = await consume({ bootstrapServers: broker.bootstrapServers, topic: name, deadlineMs: 60_000 });
  assert.equal(new Set(records.map(({ key }) => String(key))).size, ROWS);
}

describe('Kafka 2.1', { skip: SKIP }, () => {
  test('takes every row', async (t) => {
    const engine = await feed(t, 'open', { BOOTSTRAP_SERVERS: broker.bootstrapServers });
    await engine.start();
    await assertDelivers(engine, 'open');
  });

  test('wants IdempotentWrite on the cluster beside Write and Describe on the topic, and it is named when it is missing', async (t) => {
    const engine = await feed(t, 'idempotent', loggedIn());
    await broker.grant(['--topic', 'idempotent'], 'Write', 'Describe');
    engine.launch();
    assert.match(
      await toldError(engine, '"code":"KAFKA_CLUSTER_UNAUTHORIZED"'),
      /It needs: kafka-acls.sh --add --allow-principal User:<name> --operation IdempotentWrite --cluster/,
    );
    await broker.grant(['--cluster'], 'IdempotentWrite');
    await engine.kill9();
    await engine.start();
    await assertDelivers(engine, 'idempotent');
  });
});
