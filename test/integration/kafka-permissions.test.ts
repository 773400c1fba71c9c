import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { KAFKA_USER } from '../support/kafka-properties.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import { projectRoot } from '../support/paths.ts';
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
  servers = await Servers.start(undefined, { listeners: { CLEAR: { protocol: 'SASL_PLAINTEXT', mechanisms: ['PLAIN'] } }, settings });
});
after(async () => {
  if (SKIP === false) await servers.destroy();
});

function loggedIn(t: TestContext, partitions: number, more: MillraceOptions = {}): Promise<Feed> {
  const login = { SASL_MECHANISM: 'PLAIN', SASL_USERNAME: KAFKA_USER.name, SASL_PASSWORD: KAFKA_USER.password };
  return servers.feed(t, {
    schema: SCHEMA,
    partitions,
    options: { BOOTSTRAP_SERVERS: servers.broker.addressOf('CLEAR'), ...login, ...more },
  });
}

/** `resource` is `--topic`, a name and `--resource-pattern-type`, or `--cluster`. */
async function change(how: '--add' | '--remove', resource: readonly string[], operations: readonly string[]): Promise<void> {
  const list = operations.flatMap((operation) => ['--operation', operation]);
  const who = [how, '--force', '--allow-principal', `User:${KAFKA_USER.name}`];
  await servers.broker.tool('org.apache.kafka.tools.AclCommand', [...who, ...resource, ...list]);
}

/** The rows of the README's table of permissions: the operations on a topic by what they are for. */
function documented(feature: RegExp): string[] {
  const rows = readFileSync(join(projectRoot, 'README.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const row = rows.map((line) => line.split('|').map((cell) => cell.trim())).find((cells) => feature.test(cells[1] ?? ''));
  assert.ok(row !== undefined, `the README has no row ${feature}`);
  return [...row[2]!.matchAll(/`(\w+)`/g)].map(([, operation]) => operation!);
}

describe('permissions', { skip: SKIP }, () => {
  test('none at all is an error at the start, which names them', async (t) => {
    const feed = await loggedIn(t, 4);
    feed.engine.launch();
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    assert.match(
      await toldError(feed.engine, '"code":"KAFKA_TOPIC_UNAUTHORIZED"'),
      /kafka-acls.sh --add .*--operation Write --operation Describe/,
    );
  });

  test('the least are Write and Describe on a topic that is there', async (t) => {
    const least = documented(/^a topic that is there/);
    assert.deepEqual(least, ['Write', 'Describe']);
    const feed = await loggedIn(t, 4);
    await change('--add', ['--topic', feed.name], least);
    await feed.engine.start();
    assert.match(feed.engine.log(), /DescribeConfigs is missing or not permitted.*limited to 1048588 bytes/);
    await feed.query(fill(1, 100));
    await feed.untilCount(100);
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
  });

  test("DescribeConfigs beside them tells the topic's limits", async (t) => {
    const feed = await loggedIn(t, 1);
    await servers.broker.alterTopic(feed.name, { 'max.message.bytes': '5000' });
    await change('--add', ['--topic', feed.name], [...documented(/^a topic that is there/), ...documented(/^its own limits/)]);
    await feed.engine.start();
    assert.doesNotMatch(feed.engine.log(), /DescribeConfigs is missing/);
    await feed.query("INSERT INTO t VALUES (1, repeat('x', 6000))");
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    await toldError(feed.engine, '"code":"MESSAGE_TOO_LARGE"');
  });

  test('Create beside them makes the topic', async (t) => {
    const feed = await loggedIn(t, 0, { AUTO_CREATE_TOPIC: 'true' });
    await change('--add', ['--topic', feed.name], documented(/^a topic that is there/));
    feed.engine.launch();
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    await toldError(feed.engine, '"code":"KAFKA_TOPIC_CREATE"');
    await change('--add', ['--topic', feed.name], documented(/^a topic that Millrace creates/));
    await feed.engine.start();
    await feed.query(fill(1, 10));
    await feed.untilCount(10);
  });

  test('on a prefix are enough for topics by template', async (t) => {
    const feed = await loggedIn(t, 0, { AUTO_CREATE_TOPIC: 'true', TOPIC: `of-${servers.nextName}.%{table}` });
    const prefix = ['--topic', `of-${feed.name}.`, '--resource-pattern-type', 'prefixed'];
    await change('--add', prefix, [...documented(/^a topic that is there/), ...documented(/^a topic that Millrace creates/)]);
    await feed.engine.start();
    await feed.query(fill(1, 10));
    const held = async () => (await servers.broker.endOffsets(`of-${feed.name}.t`)).reduce((sum, offset) => sum + offset, 0);
    await until(async () => (await held()) === 10, { deadlineMs: 60_000, what: () => `ten messages:\n${feed.engine.tail()}` });
  });

  test('on the topic of checkpoints and on the transactional id are enough for a checkpoint there', async (t) => {
    const checkpoints = `checkpoints-of-${servers.nextName}`;
    const feed = await loggedIn(t, 4, { CHECKPOINT_STORE: 'topic', CHECKPOINT_TOPIC: checkpoints });
    await change('--add', ['--topic', feed.name], documented(/^a topic that is there/));
    const lacks = async (code: string, pattern: RegExp) => {
      feed.engine.launch();
      assert.equal((await feed.engine.ended(60_000)).code, 1);
      assert.match(await toldError(feed.engine, `"code":"${code}"`), pattern);
    };
    await lacks('KAFKA_TOPIC_UNAUTHORIZED', new RegExp(`--operation Read --operation Write .*--topic ${checkpoints}`));
    const granted = documented(/^the topic of checkpoints/);
    assert.deepEqual(granted, ['Read', 'Write', 'Describe']);
    await change('--add', ['--topic', checkpoints], granted);
    await lacks('KAFKA_TOPIC_CREATE', /Create it: kafka-topics\.sh .* --config cleanup\.policy=compact/);
    await change('--add', ['--topic', checkpoints], documented(/^a topic that Millrace creates/));
    await lacks('KAFKA_TRANSACTION_UNAUTHORIZED', new RegExp(`--operation Write --transactional-id ${checkpoints}\\.${feed.name}"`));
    await change('--add', ['--transactional-id', `${checkpoints}.${feed.name}`], ['Write']);
    await feed.engine.start();
    await feed.query(fill(1, 100));
    await feed.untilCount(100);
    await feed.untilConfirmed();
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
  });

  test('taken away during the run and given back: a warning with its reason, another try, never the end, nothing lost', async (t) => {
    const feed = await loggedIn(t, 4);
    await change('--add', ['--topic', feed.name], ['Write', 'Describe']);
    await feed.engine.start();
    await feed.query(fill(1, 10));
    await feed.untilCount(10);
    await feed.untilConfirmed();
    await change('--remove', ['--topic', feed.name], ['Write', 'Describe']);
    await feed.query(fill(11, 20));
    const reason = async () => await (await fetch(`http://127.0.0.1:${feed.engine.httpPort}/ready`)).text();
    // The first refusal is of a message, those that follow are of the topic, at the start of the next capture.
    const isWaiting = async () => /waits before restart ([2-9]|\d\d)\b.*KAFKA_TOPIC_UNAUTHORIZED/.test(await reason());
    await until(isWaiting, { deadlineMs: 120_000, what: () => `a second restart:\n${feed.engine.tail()}` });
    assert.equal(feed.engine.exit, null);
    assert.match(feed.engine.log(), /"code":"KAFKA_TOPIC_UNAUTHORIZED".*Kafka did not take a message of public\.t/);
    await change('--add', ['--topic', feed.name], ['Write', 'Describe']);
    await feed.untilCount(20, 90_000);
    await until(() => feed.engine.isReady(), { deadlineMs: 60_000, what: 'it to be ready again' });
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    const ids = (await feed.messages()).map(({ data }) => Number(data['id']));
    assert.equal(new Set(ids).size, 20);
    assert.equal(ids.filter((id) => id <= 10).length, 10, 'what was confirmed before is not sent again');
  });

  test('on the topic of dead letters they are the same, and their lack is told at the start', async (t) => {
    const letters = `${servers.nextName}-letters`;
    await servers.broker.createTopic(letters, 1);
    const feed = await loggedIn(t, 1, { DEAD_LETTER_TOPIC: letters, MAX_MESSAGE_BYTES: '5000' });
    await change('--add', ['--topic', feed.name], documented(/^a topic that is there/));
    feed.engine.launch();
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    assert.match(await toldError(feed.engine, '"code":"KAFKA_TOPIC_UNAUTHORIZED"'), new RegExp(`--topic ${letters}`));
    await change('--add', ['--topic', letters], ['Describe']);
    feed.engine.launch();
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    assert.match(feed.engine.log(), new RegExp(`topic ${letters}: the user may .* and not Write`));
    await change('--add', ['--topic', letters], documented(/^a topic that is there/));
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (1, repeat('x', 6000)), (2, 'small')");
    await feed.untilCount(1);
    const held = async () => (await servers.broker.endOffsets(letters)).reduce((sum, offset) => sum + offset, 0);
    await until(async () => (await held()) === 1, { deadlineMs: 60_000, what: () => `a dead letter:\n${feed.engine.tail()}` });
    await change('--add', ['--topic', letters], ['Read']);
    const read = () => runCommand(['dead-letters', 'list', '--json'], { env: feed.engine.environment });
    assert.match((await read()).stderr, /KAFKA_TOPIC_UNAUTHORIZED: .*--operation Read --group millrace-dead-letters/);
    await change('--add', ['--group', 'millrace-dead-letters'], ['Read']);
    const list = await read();
    assert.equal(list.code, 0, list.stderr);
    assert.equal((JSON.parse(list.stdout) as unknown[]).length, 1);
  });
});
