import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import { certificates } from '../support/certificates.ts';
import { KAFKA_USER } from '../support/kafka-properties.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import { freePort } from '../support/ports.ts';
import { Proxy } from '../support/proxy.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { Servers, type Feed } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';
import { ACLS, carryOut, flows, refused, told, type Told } from './told.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY, pad text)';
const USER = { SASL_USERNAME: KAFKA_USER.name, SASL_PASSWORD: KAFKA_USER.password };
/** Of the file. Who logs in needs permissions; the plain listener, by which tests look and set up, has all. */
let servers: Servers;
before(async () => {
  if (SKIP !== false) return;
  servers = await Servers.start(undefined, {
    secure: true,
    listeners: {
      CLEAR: { protocol: 'SASL_PLAINTEXT', mechanisms: ['SCRAM-SHA-512'] },
      LOST: { protocol: 'SASL_PLAINTEXT', mechanisms: ['SCRAM-SHA-512'], host: 'kafka.invalid' },
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

async function permitAll(feed: Feed): Promise<void> {
  const operations = ['Write', 'Describe', 'DescribeConfigs'].flatMap((operation) => ['--operation', operation]);
  const who = ['--add', '--allow-principal', `User:${KAFKA_USER.name}`];
  await servers.broker.tool(ACLS, [...who, ...operations, '--topic', feed.name]);
}

/** A feed whose user may do what it needs, unless the test says otherwise. */
async function loggedIn(t: TestContext, listener: string, options: MillraceOptions = {}): Promise<Feed> {
  const given = { BOOTSTRAP_SERVERS: servers.broker.addressOf(listener), SASL_MECHANISM: 'SCRAM-SHA-512', ...USER, ...options };
  const feed = await servers.feed(t, { schema: SCHEMA, options: given });
  await permitAll(feed);
  return feed;
}

describe('common issues: no connection to Kafka', { skip: SKIP, concurrency: 3 }, () => {
  test('nobody listens at the address: it is named, and a broker that comes is found without a restart', async (t) => {
    const port = await freePort();
    const feed = await servers.feed(t, { schema: SCHEMA, options: { BOOTSTRAP_SERVERS: `127.0.0.1:${port}` } });
    const { message, advice } = await told(feed, 'KAFKA_UNREACHABLE');
    assert.match(message, new RegExp(`127\\.0\\.0\\.1:${port}.*Connection refused`));
    assert.match(advice, /Check MILLRACE_BOOTSTRAP_SERVERS, the network and the security settings.* The capture tries again/);
    const proxy = await Proxy.start(servers.broker.port, port);
    t.after(() => proxy.stop());
    await flows(feed, null);
  });

  test('a name that nothing is known of', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, options: { BOOTSTRAP_SERVERS: 'kafka-broker.invalid:9092' } });
    const { message, advice } = await told(feed, 'KAFKA_UNREACHABLE');
    assert.match(message, /kafka-broker\.invalid:9092.*Name or service not known/);
    assert.match(advice, /Check MILLRACE_BOOTSTRAP_SERVERS/);
    await feed.engine.stop();
    await flows(feed, { BOOTSTRAP_SERVERS: servers.broker.bootstrapServers });
  });

  test('a firewall that swallows everything', async (t) => {
    const proxy = await Proxy.start(servers.broker.port);
    t.after(() => proxy.stop());
    proxy.cut();
    const feed = await servers.feed(t, { schema: SCHEMA, options: { BOOTSTRAP_SERVERS: `127.0.0.1:${proxy.port}` } });
    const { message, advice } = await told(feed, 'KAFKA_UNREACHABLE');
    assert.match(message, /nothing answers, not even with a refusal: a firewall may drop what is sent/);
    assert.match(advice, /`millrace check --sink` tells how far a connection gets/);
    proxy.mend();
    await flows(feed, null);
  });

  test('the bootstrap answers and advertises what cannot be reached from here', async (t) => {
    const feed = await loggedIn(t, 'CLEAR');
    const [, port] = servers.broker.addressOf('LOST').split(':');
    const { message, advice } = await told(feed, 'KAFKA_LISTENERS', { BOOTSTRAP_SERVERS: `127.0.0.1:${port}` });
    assert.match(message, /broker 1 at kafka\.invalid:\d+ \(no such host: ENOTFOUND\)/);
    assert.match(`${message} ${advice}`, /set advertised\.listeners to NAME:\/\/host:port with a host and port that this machine reaches/);
    await feed.engine.stop();
    await flows(feed);
  });

  test('no TLS to a listener that wants it', async (t) => {
    const feed = await loggedIn(t, 'SECURE', { SECURITY_PROTOCOL: 'SASL_PLAINTEXT' });
    const { message } = await told(feed, 'KAFKA_UNREACHABLE');
    assert.match(message, /closes the connection, as a listener does that wants TLS \(MILLRACE_SECURITY_PROTOCOL=SSL or SASL_SSL\)/);
    await feed.engine.stop();
    await flows(feed, { SECURITY_PROTOCOL: 'SASL_SSL', SSL_CA_LOCATION: (await certificates()).ca });
  });

  test('no login to a listener that wants one', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, options: { BOOTSTRAP_SERVERS: servers.broker.addressOf('CLEAR') } });
    await permitAll(feed);
    const { message } = await told(feed, 'KAFKA_UNREACHABLE');
    assert.match(message, /closes the connection, as a listener does that wants a login \(MILLRACE_SASL_MECHANISM\)/);
    await feed.engine.stop();
    await flows(feed, { SASL_MECHANISM: 'SCRAM-SHA-512', ...USER });
  });

  test('TLS to a listener that has none', async (t) => {
    const feed = await loggedIn(t, 'CLEAR');
    const { message, advice } = await refused(feed, 'KAFKA_TLS_FAILED', { SECURITY_PROTOCOL: 'SASL_SSL' });
    assert.match(message, /connecting to a PLAINTEXT broker listener\?/);
    assert.match(advice, /Where the other side speaks no TLS, leave it out \(MILLRACE_SECURITY_PROTOCOL\)/);
    await flows(feed);
  });

  test('a login to a listener that takes none', async (t) => {
    const given = { SECURITY_PROTOCOL: 'SASL_PLAINTEXT', SASL_MECHANISM: 'SCRAM-SHA-512', ...USER };
    const feed = await servers.feed(t, { schema: SCHEMA });
    const { advice } = await refused(feed, 'KAFKA_LOGIN_REFUSED', given);
    assert.match(advice, /MILLRACE_SECURITY_PROTOCOL where the listener takes no login/);
    await flows(feed);
  });
});

describe('common issues: Kafka does not let the user in', { skip: SKIP, concurrency: 3 }, () => {
  test('a wrong password', async (t) => {
    const feed = await loggedIn(t, 'CLEAR');
    const { message, advice } = await refused(feed, 'KAFKA_LOGIN_REFUSED', { SASL_PASSWORD: 'not-the-password' });
    assert.match(message, /invalid credentials with SASL mechanism SCRAM-SHA-512/);
    assert.match(advice, /Correct MILLRACE_SASL_\*/);
    await flows(feed);
  });

  test('an authority that is not trusted', async (t) => {
    const { ca, otherCa } = await certificates();
    const feed = await loggedIn(t, 'SECURE');
    const { message, advice } = await refused(feed, 'KAFKA_TLS_FAILED', { SSL_CA_LOCATION: otherCa });
    assert.match(message, /not signed by an authority that is trusted here/);
    assert.match(advice, /Give the authority of the brokers \(MILLRACE_SSL_CA_LOCATION\)/);
    await flows(feed, { SSL_CA_LOCATION: ca });
  });

  test('no permission on the topic: the command in the message gives it', async (t) => {
    const options = { BOOTSTRAP_SERVERS: servers.broker.addressOf('CLEAR'), SASL_MECHANISM: 'SCRAM-SHA-512', ...USER };
    const feed = await servers.feed(t, { schema: SCHEMA, options });
    const { message } = await refused(feed, 'KAFKA_TOPIC_UNAUTHORIZED');
    await carryOut(servers.broker, message, { '<name>': KAFKA_USER.name });
    await flows(feed);
  });
});

describe('common issues: the topic', { skip: SKIP, concurrency: 3 }, () => {
  test('it was not created: the command in the message does', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 0 });
    const { message, advice } = await refused(feed, 'KAFKA_TOPIC_MISSING');
    assert.match(advice, /MILLRACE_AUTO_CREATE_TOPIC=true/);
    await carryOut(servers.broker, message, { '<n>': '1' });
    await flows(feed);
  });

  test('fewer replicas in sync than it asks for: the command in the message mends it, and it starts by itself', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, topic: { 'min.insync.replicas': '2' } });
    const { message, advice } = await told(feed, 'KAFKA_TOPIC_UNWRITABLE');
    assert.match(advice, /Bring the missing brokers back, or lower min\.insync\.replicas/);
    await carryOut(servers.broker, message);
    await flows(feed, null);
  });

  test('another number of partitions than asked for', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA });
    const { message } = await refused(feed, 'KAFKA_PARTITION_COUNT', { PARTITION_NUM: '8' });
    assert.match(message, /has 4 partitions, MILLRACE_PARTITION_NUM asks for 8: unset it or give 4/);
    await flows(feed);
  });

  test('a row beyond its limit: named with the limit, and delivered once that is raised', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, topic: { 'max.message.bytes': '10000' } });
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (7, repeat('x', 20000))");
    const { message, advice } = JSON.parse(await toldError(feed.engine, '"code":"MESSAGE_TOO_LARGE"')) as Told;
    assert.match(message, /public\.t .*max\.message\.bytes.* allows \d+/);
    assert.match(advice, /Raise the limit that the message names/);
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    await servers.broker.alterTopic(feed.name, { 'max.message.bytes': '30000' });
    await feed.engine.start();
    await feed.untilCount(1);
  });
});

describe('common issues: it is slow', { skip: SKIP }, () => {
  test('the settings that another exporter recommends to a producer are taken as they are; those of consumers are told to mean nothing here', async (t) => {
    const feed = await servers.feed(t, {
      schema: SCHEMA,
      options: {
        PRODUCER_CONFIG_BATCH_SIZE: '16384',
        PRODUCER_CONFIG_LINGER_MS: '5',
        PRODUCER_CONFIG_COMPRESSION_TYPE: 'snappy',
        PRODUCER_CONFIG_BUFFER_MEMORY: '33554432',
        PRODUCER_CONFIG_MAX_REQUEST_SIZE: '1048576',
        CONSUMER_CONFIG_FETCH_MIN_BYTES: '1024',
      },
    });
    await flows(feed);
    assert.match(feed.engine.log(), /MILLRACE_CONSUMER_CONFIG_FETCH_MIN_BYTES is ignored: it has no meaning here/);
    assert.equal(feed.engine.log().split('is ignored').length, 2, 'nothing else is');
  });

  test('brokers that take nothing: readiness and lag say so, and it goes on by itself', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA });
    await flows(feed);
    servers.broker.pause();
    t.after(() => servers.broker.resume());
    await feed.query('INSERT INTO t VALUES (2)');
    let reason = '';
    const stands = async () => {
      const answer = await fetch(`http://127.0.0.1:${feed.engine.httpPort}/ready`);
      reason = await answer.text();
      return answer.status === 503;
    };
    await until(stands, { deadlineMs: 90_000, everyMs: 500, what: () => `readiness to say so: ${reason}` });
    assert.match(reason, new RegExp(`partition ${feed.name}/\\d has messages under way and has acknowledged none for`));
    assert.ok((await feed.engine.metric('millrace_lag_seconds')) > 0);
    servers.broker.resume();
    await feed.untilCount(2);
    await until(() => feed.engine.isReady(), { what: 'readiness' });
  });
});
