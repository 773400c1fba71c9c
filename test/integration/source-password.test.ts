import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { NEEDS } from './stage.ts';
import { serversForFile, type Servers } from './servers.ts';

const skip = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY)';

describe('the password of the database', { skip }, () => {
  let servers: Servers;
  serversForFile(skip, (started) => (servers = started), { version: '15', auth: 'scram-sha-256' });

  /** The URL of the next feed's database for a role without its password. */
  const urlOf = async (role: string, password: string) => {
    const { database, nextName } = servers;
    await database.query(`CREATE ROLE ${role} LOGIN SUPERUSER REPLICATION PASSWORD '${password}'`);
    return `postgres://${role}@${database.host}:${database.port}/${nextName}`;
  };

  it('may change in its file while the service runs', async (t) => {
    const file = join(tempDir(t), 'password');
    writeFileSync(file, 'the-first-one');
    const feed = await servers.feed(t, {
      options: { SOURCE_URL: await urlOf('rotated', 'the-first-one'), SOURCE_PASSWORD_FILE: file },
      schema: SCHEMA,
    });
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);

    await feed.query("ALTER ROLE rotated PASSWORD 'the-second-one'");
    writeFileSync(file, 'the-second-one');
    await feed.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rotated'");
    await feed.query('INSERT INTO t VALUES (2)');
    await feed.untilCount(2);
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
  });

  it('of PGPASSWORD reaches the capture process, which has it not in its environment', async (t) => {
    const feed = await servers.feed(t, { options: { SOURCE_URL: await urlOf('app', 'of-libpq') }, schema: SCHEMA });
    feed.engine.surroundings = { argv: [], env: { PGPASSWORD: 'of-libpq' } };
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);
  });
});
