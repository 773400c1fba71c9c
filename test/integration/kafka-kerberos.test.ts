import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SMALL_JVM } from '../support/kafka.ts';
import { Kdc, REALM } from '../support/kdc.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { assertOnce, RowWriter } from './row-writer.ts';
import { Servers, type Feed } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS, 'kerberos');
const SCHEMA = 'CREATE TABLE t (id bigserial PRIMARY KEY, pad text)';

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
let kdc: Kdc;
before(async () => {
  if (SKIP !== false) return;
  kdc = await Kdc.start();
  servers = await Servers.start(undefined, { listeners: { GSS: await kdc.listener() }, jvm: [...SMALL_JVM, kdc.jvmOption] });
});
after(async () => {
  if (SKIP !== false) return;
  await servers.destroy();
  await kdc.stop();
});

function feedWith(t: Parameters<Servers['feed']>[0], options: MillraceOptions): Promise<Feed> {
  const given = {
    BOOTSTRAP_SERVERS: servers.broker.addressOf('GSS'),
    SASL_MECHANISM: 'GSSAPI',
    SASL_KERBEROS_CONFIG: kdc.config,
    ...options,
  };
  return servers.feed(t, { schema: SCHEMA, options: given });
}

describe('GSSAPI', { skip: SKIP }, () => {
  test('by a keytab, with the names of TiCDC, too', async (t) => {
    const keytab = await kdc.keytab('reporting');
    const own = { SASL_KERBEROS_KEYTAB: keytab, SASL_KERBEROS_PRINCIPAL: `reporting@${REALM}` };
    const foreign = { SASL_GSSAPI_KEYTAB_PATH: keytab, SASL_GSSAPI_USER: 'reporting', SASL_GSSAPI_REALM: REALM };
    for (const options of [own, foreign]) {
      const feed = await feedWith(t, options);
      await feed.engine.start();
      await feed.query('INSERT INTO t SELECT generate_series(1, 10)');
      await feed.untilCount(10);
      assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    }
  });

  test('by a keytab whose key is not valid any more: told', async (t) => {
    const keytab = await kdc.keytab('former');
    await kdc.keytab('former');
    const feed = await feedWith(t, { SASL_KERBEROS_KEYTAB: keytab, SASL_KERBEROS_PRINCIPAL: 'former' });
    feed.engine.launch();
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    await toldError(feed.engine, '"code":"KAFKA_LOGIN_REFUSED"');
  });

  test('by a new keytab in the place of the old one, while rows flow: used, without a restart, each row once', async (t) => {
    const keytab = join(tempDir(t), 'keytab');
    copyFileSync(await kdc.keytab('rotating'), keytab);
    const feed = await feedWith(t, { SASL_KERBEROS_KEYTAB: keytab, SASL_KERBEROS_PRINCIPAL: 'rotating' });
    await feed.engine.start();
    const writer = RowWriter.start(servers.database, feed.name);
    t.after(() => writer.stop());
    await writer.untilMore(50);
    copyFileSync(await kdc.keytab('rotating'), keytab);
    await toldError(feed.engine, 'logging in to Kafka with new credentials');
    await servers.broker.stop();
    await servers.broker.start();
    await writer.untilMore(50);
    await assertOnce(feed, writer);
  });
});
