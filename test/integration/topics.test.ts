import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { KAFKA_USER } from '../support/kafka-properties.ts';
import { certificates } from '../support/certificates.ts';
import { Millrace, type MillraceOptions } from '../support/millrace.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { runCommand } from './command.ts';
import { Servers, type Feed } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, pad text)';
const fill = (from: number, to: number) => `INSERT INTO t SELECT n, repeat('x', 900) FROM generate_series(${from}, ${to}) n`;

/** Of the file. Who logs in needs permissions; the plain listener, by which tests look and set up, has all. */
let servers: Servers;
before(async () => {
  if (SKIP !== false) return;
  const settings = {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  };
  servers = await Servers.start({ version: '15' }, { secure: true, settings });
});
after(async () => {
  if (SKIP === false) await servers.destroy();
});

/** Starts an engine that must end by itself, and returns the log's line with its error. */
async function refused(feed: Feed, code: string, more: MillraceOptions = {}): Promise<string> {
  feed.engine.launch(more);
  assert.equal((await feed.engine.ended(60_000)).code, 1, feed.engine.tail());
  return await toldError(feed.engine, `"code":"${code}"`);
}

describe('the topic', { skip: SKIP }, () => {
  test('a missing one is an error that says how to create it, and is created only when asked for', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 0 });
    assert.match(await refused(feed, 'KAFKA_TOPIC_MISSING'), new RegExp(`kafka-topics.sh --create .*--topic ${feed.name} --partitions 3`));
    await feed.engine.start({ AUTO_CREATE_TOPIC: 'true', PARTITION_NUM: '5' });
    await feed.query(fill(1, 50));
    await feed.untilCount(50);
    assert.equal((await servers.broker.endOffsets(feed.name)).length, 5);
  });

  test('a partition count other than the one asked for stops the start', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA });
    const error = await refused(feed, 'KAFKA_PARTITION_COUNT', { PARTITION_NUM: '3' });
    assert.match(error, /has 4 partitions, MILLRACE_PARTITION_NUM asks for 3/);
    await feed.engine.start({ PARTITION_NUM: '4' });
  });

  test('partitions that are added later: the running changefeed keeps to the old ones, its capture restarted too; a new start refuses them', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA });
    await feed.engine.start();
    await feed.query(fill(1, 100));
    await feed.untilCount(100);
    await servers.broker.addPartitions(feed.name, 6);
    await feed.query(fill(101, 200));
    await feed.untilCount(200);
    await toldError(feed.engine, `topic ${feed.name} has 6 partitions now: rows keep to the 4 `);
    process.kill(feed.engine.capturePid, 'SIGKILL');
    await until(async () => (await feed.engine.metric('millrace_capture_restarts_total')) === 1 && (await feed.engine.isReady()), {
      deadlineMs: 60_000,
      what: () => `the capture to go on:\n${feed.engine.tail()}`,
    });
    await feed.query(fill(201, 300));
    await feed.untilCount(300);
    await feed.engine.stop();
    assert.deepEqual((await servers.broker.endOffsets(feed.name)).slice(4), [0, 0]);
    const error = await refused(feed, 'KAFKA_PARTITION_COUNT');
    assert.match(error, /has 6 partitions, the checkpoint was made with 4/);
    await feed.query(fill(301, 310));
    const command = /millrace (position reset)/.exec(error)![1]!.split(' ');
    const { code } = await runCommand([...command, '--changefeed', feed.name, '--state-dir', feed.engine.stateDir]);
    assert.equal(code, 0);
    await feed.engine.start();
    await feed.untilCount(310);
    await feed.engine.stop();
    assert.equal(new Set((await feed.messages()).map(({ data }) => data['id'])).size, 310, 'a reset loses nothing that the slot still has');
  });

  test('a limit of messages below the size of batches: smaller batches, nothing refused', async (t) => {
    const feed = await servers.feed(t, {
      schema: SCHEMA,
      topic: { 'max.message.bytes': '3000' },
      options: { COMPRESSION: 'none', LINGER_MS: '50' },
    });
    await feed.engine.start({ KAFKA_BATCH_SIZE: '1000000' });
    await feed.query(fill(1, 2000));
    await feed.untilCount(2000);
    await feed.engine.stop();
    assert.equal(await feed.count(), 2000);
    assert.doesNotMatch(feed.engine.log(), /MSG_SIZE_TOO_LARGE|MESSAGE_TOO_LARGE/);
  });
});

describe('a compacted topic', { skip: SKIP }, () => {
  const COMPACTED = { 'cleanup.policy': 'compact' };

  test('two tables in it would delete rows of one another: refused before a slot is made, and told of where it is not compacted', async (t) => {
    const schema = `${SCHEMA}; CREATE TABLE u (id int PRIMARY KEY)`;
    const feed = await servers.feed(t, { schema, topic: COMPACTED });
    assert.match(await refused(feed, 'TOPIC_COMPACTED'), /2 tables would share it \(public\.t, public\.u\)/);
    assert.deepEqual(await feed.query(`SELECT 1 FROM pg_replication_slots WHERE slot_name = '${feed.slot}'`), []);
    await feed.engine.start({ TABLES: 't' });
    await feed.query(fill(1, 10));
    await feed.untilCount(10);
    assert.doesNotMatch(feed.engine.log(), /tables share topic/);
    const other = await servers.feed(t, { schema });
    await other.engine.start();
    assert.match(other.engine.log(), /2 tables share topic/);
  });

  test('a table without a key is refused, at the start and when it loses its key', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, topic: COMPACTED });
    await feed.engine.start();
    await feed.query(fill(1, 10));
    await feed.untilCount(10);
    await feed.query(`ALTER TABLE t DROP CONSTRAINT t_pkey; ${fill(11, 20)}`);
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    assert.match(await toldError(feed.engine, '"code":"TOPIC_COMPACTED"'), /public\.t has neither a primary key/);
    await refused(feed, 'TOPIC_COMPACTED');
    assert.equal(await feed.count(), 10);
    const change = ['--alter', '--topic', feed.name, '--add-config', 'cleanup.policy=delete'];
    await servers.broker.tool('kafka.admin.ConfigCommand', change);
    await feed.engine.start();
    await feed.untilCount(20);
  });
});

describe('a broker that wants a login', { skip: SKIP }, () => {
  async function login(mechanism: string): Promise<MillraceOptions> {
    return {
      BOOTSTRAP_SERVERS: servers.broker.secureBootstrapServers!,
      KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_SASL_USERNAME: KAFKA_USER.name,
      KAFKA_SASL_PASSWORD: KAFKA_USER.password,
      KAFKA_SSL_CA_LOCATION: (await certificates()).ca,
      LOG_LEVEL: 'trace',
    };
  }

  async function grant(topic: string, ...operations: readonly string[]): Promise<void> {
    const list = operations.flatMap((operation) => ['--operation', operation]);
    const args = ['--add', '--force', '--allow-principal', `User:${KAFKA_USER.name}`, '--topic', topic, ...list];
    await servers.broker.tool('org.apache.kafka.tools.AclCommand', args);
  }

  /** What the engine writes must never hold the password: its log at the finest level, and what it serves. */
  async function assertSecret(feed: Feed): Promise<void> {
    assert.match(feed.engine.log(), /"level":"info"/);
    assert.ok(!feed.engine.log().includes(KAFKA_USER.password), 'the password stands in the log');
    if (feed.engine.exit !== null) return;
    for (const page of ['ready', 'metrics']) {
      const text = await (await fetch(`http://127.0.0.1:${feed.engine.httpPort}/${page}`)).text();
      assert.ok(!text.includes(KAFKA_USER.password), `the password stands in /${page}`);
    }
  }

  for (const mechanism of ['PLAIN', 'SCRAM-SHA-512']) {
    test(`SASL_SSL with ${mechanism} works, and the password is told nowhere`, async (t) => {
      const feed = await servers.feed(t, { schema: SCHEMA, options: await login(mechanism) });
      await grant(feed.name, 'Write', 'Describe', 'DescribeConfigs');
      await feed.engine.start();
      await feed.query(fill(1, 100));
      await feed.untilCount(100);
      await assertSecret(feed);
      await feed.engine.stop();
      await assertSecret(feed);
    });
  }

  test('is reached by a sink URI, which creates the topic', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 0 });
    await grant(feed.name, 'Create', 'Write', 'Describe', 'DescribeConfigs');
    const ca = encodeURIComponent((await certificates()).ca);
    const parameters = `sasl-mechanism=SCRAM-SHA-512&ca=${ca}&partition-num=2&replication-factor=1&compression=zstd`;
    const user = `${KAFKA_USER.name}:${KAFKA_USER.password.replace('-', '%2D')}`;
    const engine = await Millrace.prepare({
      CHANGEFEED: feed.name,
      SOURCE_URL: servers.database.url(feed.name),
      TABLES: '*.*',
      SINK_URI: `kafka://${user}@${servers.broker.secureBootstrapServers}/${feed.name}?${parameters}`,
    });
    t.after(() => engine.kill9().then(() => undefined));
    await engine.start();
    await feed.query(fill(1, 100));
    await feed.untilCount(100);
    assert.equal((await servers.broker.endOffsets(feed.name)).length, 2);
    await engine.stop();
    assert.ok(!engine.log().includes(KAFKA_USER.password));
  });
});
