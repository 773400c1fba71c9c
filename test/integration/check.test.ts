import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Step } from '../../engine/check/steps.ts';
import { KAFKA_USER } from '../support/kafka-properties.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { runCommand } from './command.ts';
import { Servers, type Feed } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY)';
const ACLS = 'org.apache.kafka.tools.AclCommand';
const LOGIN = { SASL_MECHANISM: 'SCRAM-SHA-512', SASL_USERNAME: KAFKA_USER.name, SASL_PASSWORD: KAFKA_USER.password };

/** Of the file. Who logs in needs permissions; the plain listener, by which tests look and set up, has all. */
let servers: Servers;
before(async () => {
  if (SKIP !== false) return;
  servers = await Servers.start(undefined, {
    listeners: {
      CLEAR: { protocol: 'SASL_PLAINTEXT', mechanisms: ['SCRAM-SHA-512'] },
      LOST: { protocol: 'SASL_PLAINTEXT', mechanisms: ['SCRAM-SHA-512'], host: '127.0.0.2' },
    },
    settings: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    },
  });
});
after(async () => {
  if (SKIP === false) await servers.destroy();
});

async function permit(action: '--add' | '--remove', topic: string, ...operations: readonly string[]): Promise<void> {
  const list = operations.flatMap((operation) => ['--operation', operation]);
  const force = action === '--remove' ? ['--force'] : [];
  const who = ['--allow-principal', `User:${KAFKA_USER.name}`];
  await servers.broker.tool(ACLS, [action, ...force, ...who, ...list, '--topic', topic]);
}

async function hasSlot(feed: Feed): Promise<boolean> {
  return (await feed.query(`SELECT 1 FROM pg_replication_slots WHERE slot_name = '${feed.slot}'`)).length > 0;
}

describe('what a start finds before anything is created', { skip: SKIP }, () => {
  test('brokers under addresses that cannot be reached: it names advertised.listeners and tries again', async (t) => {
    const feed = await servers.feed(t, {
      schema: SCHEMA,
      options: { BOOTSTRAP_SERVERS: servers.broker.addressOf('LOST').replace('127.0.0.2', '127.0.0.1'), ...LOGIN },
    });
    await permit('--add', feed.name, 'Write', 'Describe', 'DescribeConfigs');
    feed.engine.launch();
    assert.match(await toldError(feed.engine, '"code":"KAFKA_LISTENERS"'), /broker 1 at 127\.0\.0\.2:\d+ \(ECONNREFUSED\)/);
    assert.match(feed.engine.log(), /set advertised\.listeners to/);
    const again = async () => (await feed.engine.metric('millrace_capture_restarts_total')) >= 1;
    await until(again, { deadlineMs: 60_000, what: () => `another attempt:\n${feed.engine.tail()}` });
    assert.equal(await hasSlot(feed), false);
  });

  test('a topic that may not be written: it ends with the command that permits it, and then starts', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, options: { BOOTSTRAP_SERVERS: servers.broker.addressOf('CLEAR'), ...LOGIN } });
    await permit('--add', feed.name, 'Describe');
    feed.engine.launch();
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    const told = await toldError(feed.engine, '"code":"KAFKA_TOPIC_UNAUTHORIZED"');
    assert.match(told, /kafka-acls\.sh .* --operation Write --operation Describe --operation DescribeConfigs --topic/);
    assert.equal(await hasSlot(feed), false);
    await permit('--add', feed.name, 'Write');
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);
  });

  test('more replicas in sync than there are: nothing would be acknowledged; it starts by itself once that is mended', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, topic: { 'min.insync.replicas': '2' } });
    feed.engine.launch();
    const told = await toldError(feed.engine, '"code":"KAFKA_TOPIC_UNWRITABLE"');
    assert.equal(await hasSlot(feed), false);
    const [, value = ''] = /--add-config min\.insync\.replicas=(\d+)/.exec(told)!;
    await servers.broker.alterTopic(feed.name, { 'min.insync.replicas': value });
    await until(() => feed.engine.isReady(), { deadlineMs: 90_000, what: () => `the stream:\n${feed.engine.tail()}` });
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);
  });

  test('a permission that is taken away during the run is told by a capture that restarts, and does not end the changefeed', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, options: { BOOTSTRAP_SERVERS: servers.broker.addressOf('CLEAR'), ...LOGIN } });
    await permit('--add', feed.name, 'Write', 'Describe', 'DescribeConfigs');
    await feed.engine.start();
    await permit('--remove', feed.name, 'Write');
    process.kill(feed.engine.capturePid, 'SIGKILL');
    await toldError(feed.engine, 'the user may Describe, DescribeConfigs and not Write');
    await permit('--add', feed.name, 'Write');
    await until(() => feed.engine.isReady(), { deadlineMs: 90_000, what: () => `the stream:\n${feed.engine.tail()}` });
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
  });
});

describe('millrace check', { skip: SKIP }, () => {
  test('beside a changefeed that runs, and after it', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA });
    const env = {
      MILLRACE_SOURCE_URL: servers.database.url(feed.name),
      MILLRACE_TABLES: '*.*',
      MILLRACE_SYNC_MODE: 'INCREMENTAL',
      MILLRACE_BOOTSTRAP_SERVERS: servers.broker.bootstrapServers,
      MILLRACE_TOPIC: feed.name,
      MILLRACE_CHANGEFEED: feed.name,
      MILLRACE_STATE_DIR: feed.engine.stateDir,
    };
    const check = async () => {
      const { code, stdout } = await runCommand(['check', '--json'], { env });
      assert.equal(code, 0, stdout);
      const { steps } = JSON.parse(stdout) as { steps: Step[] };
      return (name: string) => steps.find(({ step }) => step === name)!;
    };
    assert.match((await check())('checkpoint').found, /^none/);
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);
    const running = await check();
    assert.equal(running('slots').state, 'pass');
    assert.match(running('slots').found, new RegExp(`^${feed.slot} is being read by pid \\d+, application "millrace"`));
    assert.match(running('publication').found, /covers 1 table$/);
    await feed.engine.stop();
    const stopped = await check();
    assert.match(stopped('checkpoint').found, /^position [0-9A-F]+\/[0-9A-F]+, stored /);
    assert.match(stopped('slots').found, new RegExp(`^${feed.slot} stands at `));
    assert.equal(await feed.count(), 1, 'nothing was written');
  });
});
