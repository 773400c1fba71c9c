import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { certificates, KEY_PASSWORD, type Certificates } from '../support/certificates.ts';
import { KAFKA_USER, type KafkaListener } from '../support/kafka-properties.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { Servers, type Feed } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY)';
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

const LISTENERS: Readonly<Record<string, KafkaListener>> = {
  CLEAR: { protocol: 'SASL_PLAINTEXT', mechanisms: MECHANISMS },
  LOCKED: { protocol: 'SASL_SSL', mechanisms: MECHANISMS },
  TLS: { protocol: 'SSL' },
  MUTUAL: { protocol: 'SSL', settings: { 'ssl.client.auth': 'required' } },
};

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
let files: Certificates;
before(async () => {
  if (SKIP !== false) return;
  servers = await Servers.start(undefined, { listeners: LISTENERS });
  files = await certificates();
  // Of the other two mechanisms the broker has been told before.
  const scram = ['--alter', '--entity-type', 'users', '--entity-name', KAFKA_USER.name];
  const password = `SCRAM-SHA-256=[password=${KAFKA_USER.password}]`;
  await servers.broker.tool('kafka.admin.ConfigCommand', [...scram, '--add-config', password]);
});
after(async () => {
  if (SKIP === false) await servers.destroy();
});

const LOGIN = { SASL_USERNAME: KAFKA_USER.name, SASL_PASSWORD: KAFKA_USER.password };

/** Rows go through a listener. */
async function delivers(t: TestContext, listener: string, options: MillraceOptions): Promise<Feed> {
  const feed = await servers.feed(t, {
    schema: SCHEMA,
    options: { BOOTSTRAP_SERVERS: servers.broker.addressOf(listener), ...options },
  });
  await feed.engine.start();
  await feed.query('INSERT INTO t SELECT generate_series(1, 10)');
  await feed.untilCount(10);
  assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
  return feed;
}

describe('a login by', { skip: SKIP }, () => {
  for (const mechanism of MECHANISMS) {
    test(`${mechanism}, in clear and over TLS`, async (t) => {
      await delivers(t, 'CLEAR', { SASL_MECHANISM: mechanism, ...LOGIN });
      await delivers(t, 'LOCKED', { SASL_MECHANISM: mechanism, ...LOGIN, SSL_CA_LOCATION: files.ca });
    });
  }

  test('a password of a file, with the names of other exporters', async (t) => {
    const file = join(tempDir(t), 'password');
    writeFileSync(file, `${KAFKA_USER.password}\n`);
    const names = { KAFKA_SSL: 'true', KAFKA_SASL_USER: KAFKA_USER.name, KAFKA_SASL_PASSWORD_FILE: file, CA: files.ca };
    await delivers(t, 'LOCKED', { KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', ...names });
  });
});

describe('TLS', { skip: SKIP }, () => {
  test('with an authority of a file and as text', async (t) => {
    await delivers(t, 'TLS', { SSL_CA_LOCATION: files.ca });
    await delivers(t, 'TLS', { SSL_CA_PEM: readFileSync(files.ca, 'utf8') });
  });

  test('with a certificate of our own, of files and as text', async (t) => {
    const { clientCertificate, clientKey } = files;
    await delivers(t, 'MUTUAL', { CA: files.ca, CERT: clientCertificate, KEY: clientKey });
    const text = { SSL_CERTIFICATE_PEM: readFileSync(clientCertificate, 'utf8'), SSL_KEY_PEM: readFileSync(clientKey, 'utf8') };
    await delivers(t, 'MUTUAL', { CA: files.ca, ...text });
  });

  test('with an encrypted key, of a file and as text', async (t) => {
    const certificate = { CA: files.ca, CERT: files.clientCertificate, SSL_KEY_PASSWORD: KEY_PASSWORD };
    await delivers(t, 'MUTUAL', { ...certificate, KEY: files.lockedKey });
    await delivers(t, 'MUTUAL', { ...certificate, SSL_KEY_PEM: readFileSync(files.lockedKey, 'utf8') });
  });

  test('that trusts anybody is warned about', async (t) => {
    const feed = await delivers(t, 'TLS', { ENABLE_TLS: 'true', INSECURE_SKIP_VERIFY: 'true' });
    assert.match(feed.engine.log(), /"level":"warn".*the certificates of the brokers are not verified/);
  });
});
