import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { certificates, KEY_PASSWORD } from '../support/certificates.ts';
import { KAFKA_USER } from '../support/kafka-properties.ts';
import { SMALL_JVM } from '../support/kafka.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { TokenIssuer } from '../support/token-issuer.ts';
import { until } from '../support/wait.ts';
import { runCommand } from './command.ts';
import { Servers, type Feed } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY)';
const TALKATIVE = { LOG_LEVEL: 'trace', KAFKA_DEBUG: 'all' };
const CLIENT_SECRET = 'secret-of-the-client';
const STORE_PASSWORD = 'password-of-the-store';
const DATABASE_PASSWORD = 'password-of-the-database';
const PAGES = ['', 'ready', 'live', 'metrics', 'nowhere', 'openapi.json', 'api/v1/jobs', 'api/v1/partitions', 'api/v1/changefeeds'];

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
let issuer: TokenIssuer;
before(async () => {
  if (SKIP !== false) return;
  issuer = await TokenIssuer.start(CLIENT_SECRET);
  servers = await Servers.start(undefined, {
    listeners: {
      MUTUAL: { protocol: 'SASL_SSL', mechanisms: ['SCRAM-SHA-512'], settings: { 'ssl.client.auth': 'required' } },
      TOKENS: issuer.listener,
    },
    jvm: [...SMALL_JVM, issuer.jvmOption],
  });
});
after(async () => {
  if (SKIP !== false) return;
  await servers.destroy();
  await issuer.stop();
});

/** Neither whole nor, for one of many lines, by a line. */
function assertNowhere(where: string, text: string, secrets: readonly string[]): void {
  const parts = secrets.flatMap((secret) => [
    secret,
    ...secret.split('\n').filter((line) => line.length >= 16 && !line.startsWith('-----')),
  ]);
  for (const part of parts) assert.ok(!text.includes(part.trim()), `${where} holds ${part.trim().slice(0, 30)}`);
}

/** What others on the machine and whoever reads logs and pages can see of a run. */
async function assertSecret(feed: Feed, secrets: readonly string[]): Promise<void> {
  const { engine } = feed;
  for (const pid of [engine.pid, engine.capturePid]) {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8'));
    assertNowhere(`the title of ${pid}`, [readFileSync(`/proc/${pid}/cmdline`, 'utf8'), ...threads].join('\n'), secrets);
  }
  assertNowhere("the capture's environment", readFileSync(`/proc/${engine.capturePid}/environ`, 'utf8'), secrets);
  for (const page of [...PAGES, `api/v1/changefeeds/${feed.name}`]) {
    assertNowhere(`/${page}`, await (await fetch(`http://127.0.0.1:${engine.httpPort}/${page}`)).text(), secrets);
  }
  for (const name of readdirSync(engine.stateDir, { recursive: true, encoding: 'utf8' })) {
    const path = join(engine.stateDir, name);
    if (statSync(path).isFile()) assertNowhere(path, readFileSync(path, 'latin1'), secrets);
  }
  assertNowhere('the log', engine.log(), secrets);
}

/** Has Node write a report at SIGUSR2. */
function reportOptions(directory: string): Record<string, string> {
  return { NODE_OPTIONS: `--report-on-signal --report-signal=SIGUSR2 --report-compact --report-directory=${directory}` };
}

/** The reports of supervisor and capture. */
async function reportsOf({ engine }: Feed, directory: string): Promise<string[]> {
  const pids = [engine.pid, engine.capturePid];
  for (const pid of pids) process.kill(pid, 'SIGUSR2');
  const texts: string[] = [];
  for (const pid of pids) {
    const whole = () => {
      const name = readdirSync(directory).find((file) => file.includes(`.${pid}.`));
      const text = name === undefined ? '' : readFileSync(join(directory, name), 'utf8');
      return text.trimEnd().endsWith('}') ? text : null;
    };
    texts.push(await until(whole, { what: `the report of ${pid}` }));
  }
  return texts;
}

describe('no secret that is given is told anywhere', { skip: SKIP }, () => {
  test('a password, a key and its password, in the environment', async (t) => {
    const files = await certificates();
    const key = readFileSync(files.lockedKey, 'utf8');
    const feed = await servers.feed(t, {
      schema: SCHEMA,
      options: {
        ...TALKATIVE,
        BOOTSTRAP_SERVERS: servers.broker.addressOf('MUTUAL'),
        SASL_MECHANISM: 'SCRAM-SHA-512',
        SASL_USERNAME: KAFKA_USER.name,
        SASL_PASSWORD: KAFKA_USER.password,
        SSL_CA_LOCATION: files.ca,
        SSL_CERTIFICATE_LOCATION: files.clientCertificate,
        SSL_KEY_PEM: key,
        SSL_KEY_PASSWORD: KEY_PASSWORD,
        KAFKA_SSL_KEYSTORE_PASSWORD: STORE_PASSWORD,
      },
    });
    const secrets = [KAFKA_USER.password, key, KEY_PASSWORD, STORE_PASSWORD];
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);
    await assertSecret(feed, secrets);
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    assert.match(feed.engine.log(), /librdkafka: .*SASL/, 'it did talk');
    assertNowhere('the log', feed.engine.log(), secrets);
  });

  test('in what Node reports of its processes: variables, the password of libpq too', async (t) => {
    const directory = tempDir(t);
    const feed = await servers.feed(t, {
      schema: SCHEMA,
      options: { HTTP_TOKEN: CLIENT_SECRET, KAFKA_SSL_KEYSTORE_PASSWORD: STORE_PASSWORD },
    });
    feed.engine.surroundings = { argv: [], env: { ...reportOptions(directory), PGPASSWORD: DATABASE_PASSWORD, PGAPPNAME: 'not-secret' } };
    await feed.engine.start();
    for (const report of await reportsOf(feed, directory)) {
      assert.match(report, /"PGAPPNAME":"not-secret"/, 'it shows the environment');
      assertNowhere('the report', report, [CLIENT_SECRET, STORE_PASSWORD, DATABASE_PASSWORD]);
    }
    assertNowhere("the capture's environment", readFileSync(`/proc/${feed.engine.capturePid}/environ`, 'utf8'), [DATABASE_PASSWORD]);
  });

  test('of the command line, which Node reports and nothing hides: there is no report then', async (t) => {
    const directory = tempDir(t);
    const feed = await servers.feed(t, { schema: SCHEMA });
    const argv = ['--kafka', `ssl.keystore.password=${STORE_PASSWORD}`];
    feed.engine.surroundings = { argv, env: reportOptions(directory) };
    await feed.engine.start();
    assert.match(feed.engine.log(), /the command line holds a secret: Node writes no report/);
    await assertSecret(feed, [STORE_PASSWORD]);
    const capture = feed.engine.capturePid;
    process.kill(feed.engine.pid, 'SIGUSR2');
    process.kill(capture, 'SIGUSR2');
    await until(() => readdirSync(directory).some((name) => name.includes(`.${capture}.`)), { what: 'the report of the capture' });
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    assert.equal(readdirSync(directory).length, 1);
    assertNowhere('the report', readFileSync(join(directory, readdirSync(directory)[0]!), 'utf8'), [STORE_PASSWORD]);
  });

  test('the secret of a client and a token, of files', async (t) => {
    const directory = tempDir(t);
    const [secretFile, tokenFile] = [join(directory, 'secret'), join(directory, 'token')];
    const token = issuer.token('reporting');
    writeFileSync(secretFile, CLIENT_SECRET);
    writeFileSync(tokenFile, token);
    const endpoint = { SASL_OAUTH_TOKEN_URL: issuer.url, SASL_OAUTH_CLIENT_ID: issuer.clientId, SASL_OAUTH_CLIENT_SECRET_FILE: secretFile };
    for (const login of [endpoint, { SASL_OAUTH_TOKEN_FILE: tokenFile }]) {
      const given = { BOOTSTRAP_SERVERS: servers.broker.addressOf('TOKENS'), SASL_MECHANISM: 'OAUTHBEARER', ...login };
      const feed = await servers.feed(t, { schema: SCHEMA, options: { ...TALKATIVE, ...given } });
      await feed.engine.start();
      await assertSecret(feed, [CLIENT_SECRET, token, token.split('.')[2]!]);
      assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
      assertNowhere('the log', feed.engine.log(), [CLIENT_SECRET, token]);
    }
  });

  test('what is refused, at once and by the broker', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, options: TALKATIVE });
    const login = { SASL_MECHANISM: 'SCRAM-SHA-512', SASL_USERNAME: 'somebody', SASL_PASSWORD: STORE_PASSWORD };
    const address = { BOOTSTRAP_SERVERS: servers.broker.addressOf('MUTUAL'), SSL_CA_LOCATION: (await certificates()).ca };
    feed.engine.launch({ ...login, ...address });
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    await toldError(feed.engine, '"code":"KAFKA_TLS_FAILED"');
    feed.engine.launch({ ...login, SASL_MECHANISM: 'GSSAPI', SSL_KEY_PEM: STORE_PASSWORD, SSL_KEY_PASSWORD: STORE_PASSWORD });
    assert.equal((await feed.engine.ended(60_000)).code, 2);
    assertNowhere('the log', feed.engine.log(), [STORE_PASSWORD]);
  });

  test('the configuration as it is printed, wherever a value came from', async (t) => {
    const directory = tempDir(t);
    const file = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const secrets = ['of-the-environment', 'of-the-file', 'of-the-line', 'of-a-secret-file', 'of-the-uri'];
    const config = file('millrace.yaml', 'source_password: of-the-file\nkafka:\n  sasl.oauthbearer.config: of-the-file\n');
    const env = {
      MILLRACE_CONFIG: config,
      MILLRACE_SSL_KEY_PASSWORD: 'of-the-environment',
      MILLRACE_SASL_OAUTH_CLIENT_SECRET_FILE: file('secret', 'of-a-secret-file'),
      MILLRACE_SINK_URI: 'kafka://user:of-the-uri@broker:9092/topic?sasl-mechanism=PLAIN',
    };
    const { stdout, stderr, code } = await runCommand(['options', '--values', '--kafka', 'ssl.keystore.password=of-the-line'], { env });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /MILLRACE_SSL_KEY_PASSWORD +\*\*\*/);
    assertNowhere('the configuration', stdout + stderr, secrets);
  });
});
