import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { certificates } from '../support/certificates.ts';
import { projectRoot } from '../support/paths.ts';
import { giveToServer } from '../support/postgres-install.ts';
import { run } from '../support/run.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const ROWS = 10_000;
/** Far below those of so many rows. */
const UPDATES = 50;

/** What makes a server change its keys all the time. */
async function keyUpdates(): Promise<string> {
  const directory = tempDir(undefined, 'millrace-tls-');
  const library = join(directory, 'key-update.so');
  await run('cc', ['-shared', '-fPIC', '-o', library, join(projectRoot, 'test/support/key-update.c')]);
  await giveToServer(directory);
  return library;
}

test('TLS 1.3 whose keys change all the time: rows, changes and confirmations pass', { skip: skipUnless(...NEEDS) }, async (t) => {
  const environment = { LD_PRELOAD: await keyUpdates() };
  const servers = await Servers.start({ version: '15', ssl: true, settings: { ssl_min_protocol_version: 'TLSv1.3' }, environment });
  t.after(() => servers.destroy());
  const updates = () => servers.database.log().split('key update').length - 1;

  const schema = `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT n, repeat('x', 300) FROM generate_series(1, ${ROWS}) n`;
  const url = `${servers.database.url(servers.nextName)}?sslrootcert=${encodeURIComponent((await certificates()).ca)}`;
  const feed = await servers.feed(t, { schema, options: { SYNC_MODE: 'FULL + INCREMENTAL', SOURCE_URL: url } });
  await feed.engine.start();
  await until(() => feed.engine.log().includes('the snapshot is finished'), { what: () => `the snapshot\n${feed.engine.tail()}` });
  const inSnapshot = updates();
  await feed.query("UPDATE t SET v = repeat('y', 300)");
  await feed.untilCount(2 * ROWS);
  await feed.untilConfirmed();
  const inStream = updates() - inSnapshot;
  assert.equal((await feed.engine.stop()).code, 0);

  assert.ok(inSnapshot > UPDATES && inStream > UPDATES, `${inSnapshot} and ${inStream} key updates`);
  const messages = await feed.messages();
  assert.equal(messages.length, 2 * ROWS);
  for (const letter of ['x', 'y']) {
    const ids = messages.filter(({ data }) => data['v'] === letter.repeat(300)).map(({ data }) => data['id']);
    assert.equal(new Set(ids).size, ROWS, letter);
  }
  assert.doesNotMatch(feed.engine.log(), /CONNECTION_LOST|reconnect/);
});
