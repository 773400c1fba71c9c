import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { certificates, KEY_PASSWORD } from '../support/certificates.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { assertOnce, RowWriter } from './row-writer.ts';
import { Servers } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id bigserial PRIMARY KEY, pad text)';
const RENEWED = 'logging in to Kafka with new credentials';
const USER = 'rotating';

/** Of the file. Only who has permissions writes; the plain listener has all. */
let servers: Servers;
before(async () => {
  if (SKIP !== false) return;
  servers = await Servers.start(undefined, {
    listeners: {
      CLEAR: { protocol: 'SASL_PLAINTEXT', mechanisms: ['SCRAM-SHA-512'] },
      MUTUAL: { protocol: 'SSL', settings: { 'ssl.client.auth': 'required' } },
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

async function allow(how: '--add' | '--remove', topic: string, principal: string): Promise<void> {
  const operations = ['Write', 'Describe', 'DescribeConfigs'].flatMap((operation) => ['--operation', operation]);
  const args = [how, '--force', '--allow-principal', principal, '--topic', topic, ...operations];
  await servers.broker.tool('org.apache.kafka.tools.AclCommand', args);
}

async function setPassword(password: string): Promise<void> {
  const user = ['--alter', '--entity-type', 'users', '--entity-name', USER];
  await servers.broker.tool('kafka.admin.ConfigCommand', [...user, '--add-config', `SCRAM-SHA-512=[password=${password}]`]);
}

/** Closes every connection. */
async function restartBroker(): Promise<void> {
  await servers.broker.stop();
  await servers.broker.start();
}

describe('while rows flow, and without a restart,', { skip: SKIP }, () => {
  test('a new password in its file is used once the old one is revoked and every connection closed', async (t) => {
    const [former, current] = ['password-of-yesterday', 'password-of-today'];
    const file = join(tempDir(t), 'password');
    writeFileSync(file, former);
    await setPassword(former);
    const options = { SASL_MECHANISM: 'SCRAM-SHA-512', SASL_USERNAME: USER, SASL_PASSWORD_FILE: file };
    const feed = await servers.feed(t, { schema: SCHEMA, options: { BOOTSTRAP_SERVERS: servers.broker.addressOf('CLEAR'), ...options } });
    await allow('--add', feed.name, `User:${USER}`);
    await feed.engine.start();
    const writer = RowWriter.start(servers.database, feed.name);
    t.after(() => writer.stop());
    await writer.untilMore(100);

    await setPassword(current);
    await restartBroker();
    await toldError(feed.engine, '"code":"KAFKA_LOGIN_REFUSED"');
    await writer.untilMore(100);
    writeFileSync(file, current);
    await toldError(feed.engine, RENEWED);
    await writer.untilMore(100);
    await assertOnce(feed, writer);
    for (const secret of [former, current]) assert.ok(!feed.engine.log().includes(secret));
  });

  test('a new certificate with its key is used, and the old one can be revoked', async (t) => {
    const { ca, clientCertificate, lockedKey, successor } = await certificates();
    const directory = tempDir(t);
    const [CERT, KEY] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
    copyFileSync(clientCertificate, CERT);
    copyFileSync(lockedKey, KEY);
    const options = { CA: ca, CERT, KEY, SSL_KEY_PASSWORD: KEY_PASSWORD };
    const feed = await servers.feed(t, { schema: SCHEMA, options: { BOOTSTRAP_SERVERS: servers.broker.addressOf('MUTUAL'), ...options } });
    for (const name of ['millrace', 'successor']) await allow('--add', feed.name, `User:CN=${name}`);
    await feed.engine.start();
    const writer = RowWriter.start(servers.database, feed.name);
    t.after(() => writer.stop());
    await writer.untilMore(100);

    // Not of one piece: not used, and told.
    copyFileSync(successor.certificate, CERT);
    await toldError(feed.engine, '"code":"KAFKA_CREDENTIALS_INVALID"');
    await writer.untilMore(20);
    copyFileSync(successor.key, KEY);
    await toldError(feed.engine, RENEWED);
    await writer.untilMore(100);
    await allow('--remove', feed.name, 'User:CN=millrace');
    await writer.untilMore(100);
    await restartBroker();
    await writer.untilMore(100);
    await assertOnce(feed, writer);
  });
});
