import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SMALL_JVM } from '../support/kafka.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { TokenIssuer } from '../support/token-issuer.ts';
import { assertOnce, RowWriter } from './row-writer.ts';
import { Servers, type Feed } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id bigserial PRIMARY KEY, pad text)';
const SECRET = 'secret-of-the-client';
const RENEWED = 'logging in to Kafka with new credentials';

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
let issuer: TokenIssuer;
before(async () => {
  if (SKIP !== false) return;
  issuer = await TokenIssuer.start(SECRET);
  servers = await Servers.start(undefined, { listeners: { TOKENS: issuer.listener }, jvm: [...SMALL_JVM, issuer.jvmOption] });
});
after(async () => {
  if (SKIP !== false) return;
  await servers.destroy();
  await issuer.stop();
});

function feedWith(t: Parameters<Servers['feed']>[0], options: MillraceOptions): Promise<Feed> {
  const given = { BOOTSTRAP_SERVERS: servers.broker.addressOf('TOKENS'), SASL_MECHANISM: 'OAUTHBEARER', ...options };
  return servers.feed(t, { schema: SCHEMA, options: given });
}

const byEndpoint = (secret: MillraceOptions) => ({ SASL_OAUTH_TOKEN_URL: issuer.url, SASL_OAUTH_CLIENT_ID: issuer.clientId, ...secret });

async function restartBroker(): Promise<void> {
  await servers.broker.stop();
  await servers.broker.start();
}

describe('OAUTHBEARER', { skip: SKIP }, () => {
  test('by client credentials at an endpoint', async (t) => {
    const feed = await feedWith(t, byEndpoint({ SASL_OAUTH_CLIENT_SECRET: SECRET }));
    await feed.engine.start();
    await feed.query('INSERT INTO t SELECT generate_series(1, 10)');
    await feed.untilCount(10);
    assert.ok(issuer.given > 0);
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    assert.ok(!feed.engine.log().includes(SECRET));
  });

  test('with a secret that the endpoint refuses: told with what it answered', async (t) => {
    const feed = await feedWith(t, byEndpoint({ SASL_OAUTH_CLIENT_SECRET: 'not-the-secret' }));
    feed.engine.launch();
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    assert.match(await toldError(feed.engine, '"code":"KAFKA_LOGIN_REFUSED"'), /invalid_client|401/);
    assert.ok(!feed.engine.log().includes('not-the-secret'));
  });

  test('with a new secret of its file, while rows flow: used, without a restart, each row once', async (t) => {
    const file = join(tempDir(t), 'secret');
    writeFileSync(file, SECRET);
    const feed = await feedWith(t, byEndpoint({ SASL_OAUTH_CLIENT_SECRET_FILE: file }));
    await feed.engine.start();
    const writer = RowWriter.start(servers.database, feed.name);
    t.after(() => writer.stop());
    await writer.untilMore(50);
    issuer.secret = 'secret-of-tomorrow';
    t.after(() => {
      issuer.secret = SECRET;
    });
    const given = issuer.given;
    writeFileSync(file, issuer.secret);
    await toldError(feed.engine, RENEWED);
    assert.ok(issuer.given > given);
    await restartBroker();
    await writer.untilMore(50);
    await assertOnce(feed, writer);
  });

  test('by a token of a file; a new one there is used once the old one is revoked', async (t) => {
    const file = join(tempDir(t), 'token');
    writeFileSync(file, `${issuer.token('reporting')}\n`);
    const feed = await feedWith(t, { SASL_OAUTH_TOKEN_FILE: file });
    await feed.engine.start();
    const writer = RowWriter.start(servers.database, feed.name);
    t.after(() => writer.stop());
    await writer.untilMore(50);
    issuer.revoke();
    await restartBroker();
    await toldError(feed.engine, '"code":"KAFKA_LOGIN_REFUSED"');
    const token = issuer.token('reporting');
    writeFileSync(file, token);
    await toldError(feed.engine, RENEWED);
    await writer.untilMore(50);
    await assertOnce(feed, writer);
    assert.ok(!feed.engine.log().includes(token));
  });

  test('by a file that holds no token: named at the start', async (t) => {
    const file = join(tempDir(t), 'token');
    writeFileSync(file, 'something-secret');
    const feed = await feedWith(t, { SASL_OAUTH_TOKEN_FILE: file });
    feed.engine.launch();
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    assert.match(await toldError(feed.engine, '"code":"KAFKA_CREDENTIALS_INVALID"'), /holds no token: accepted is a JWT with exp/);
    assert.ok(!feed.engine.log().includes('something-secret'));
  });
});
