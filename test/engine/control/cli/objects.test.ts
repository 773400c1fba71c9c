import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { MysqlObject } from '../../../../engine/source/mysql/objects.ts';
import type { SourceObject } from '../../../../engine/source/postgres/objects.ts';
import { startMariadb } from '../../../support/mariadb.ts';
import { startPostgres, type PostgresServer } from '../../../support/postgres.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { cli } from './support.ts';

describe('millrace objects', { skip: skipUnless('postgres-15') }, () => {
  let server: PostgresServer;
  let env: Record<string, string>;
  before(async () => {
    server = await startPostgres({ version: '15' });
    env = { MILLRACE_SOURCE_URL: server.url() };
  });
  after(() => server.destroy());

  it('needs a database that is there, and says when it holds nothing', async () => {
    assert.equal((await cli(['objects'], env)).stdout, 'The role sees nothing that can be exported.\n');
    assert.equal((await cli(['objects'])).code, 2);
    assert.equal((await cli(['objects'], { MILLRACE_SOURCE_URL: server.url('nothing') })).code, 1);
  });

  it('lists what can be named with what it lacks, for people and as JSON', async () => {
    await server.query('CREATE TABLE orders (region text, id int, PRIMARY KEY (region, id)); CREATE TABLE log (id int)');
    const { code, stdout } = await cli(['objects'], env);
    assert.equal(code, 0);
    const [heading = '', log = '', orders = '', ...rest] = stdout.split('\n');
    assert.match(heading, /^SCHEMA +NAME +KIND +KEY +SIZE +ROWS +REPLICA IDENTITY +LACKS$/);
    assert.match(log, /^public +log +table +- +0 bytes +- +default +replica identity: UPDATE and DELETE fail once it is published$/);
    assert.match(orders, /^public +orders +table +region, id +[\d.]+ (?:kB|bytes) +- +default +-$/);
    assert.deepEqual(rest, ['', 'To mend what they lack:', '  ALTER TABLE "public"."log" REPLICA IDENTITY FULL;', '']);
    const objects = JSON.parse((await cli(['objects', '--json'], env)).stdout) as SourceObject[];
    assert.deepEqual(
      objects.map(({ name, key }) => [name, key]),
      [
        ['log', []],
        ['orders', ['region', 'id']],
      ],
    );
  });
});

describe('millrace objects of MariaDB', { skip: skipUnless('mariadb') }, () => {
  it('lists tables of all databases but those of the server, with what they lack', async (t) => {
    const database = await startMariadb();
    t.after(() => database.destroy());
    await database.query('CREATE DATABASE shop; CREATE TABLE shop.orders (region int, id int, PRIMARY KEY (region, id))');
    await database.query('CREATE TABLE shop.log (id int) ENGINE = MyISAM; CREATE VIEW shop.seen AS SELECT 1; CREATE SEQUENCE shop.numbers');
    const env = { MILLRACE_SOURCE_URL: database.url() };
    const { code, stdout } = await cli(['objects'], env);
    assert.equal(code, 0);
    const [heading = '', log = '', orders = '', ...rest] = stdout.split('\n');
    assert.match(heading, /^DATABASE +NAME +ENGINE +KEY +SIZE +ROWS +LACKS$/);
    assert.match(log, /^shop +log +MyISAM +- +0 bytes +0 +a primary key, for keys of messages$/);
    assert.match(orders, /^shop +orders +InnoDB +region, id +[\d.]+ (?:kB|bytes) +0 +-$/);
    assert.deepEqual(rest, ['', 'To mend what they lack:', '  ALTER TABLE `shop`.`log` ADD PRIMARY KEY (...);', '']);
    const found = JSON.parse((await cli(['objects', '--json'], env)).stdout) as MysqlObject[];
    assert.deepEqual(
      found.map(({ name, key }) => [name, key]),
      [
        ['log', []],
        ['orders', ['region', 'id']],
      ],
    );

    const holder = await database.client();
    t.after(() => holder.end());
    // The new table is locked until it is filled.
    holder.query('CREATE TABLE shop.filled AS SELECT SLEEP(60) AS n').catch(() => undefined);
    await until(async () => (await database.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE = 'User sleep'")).length > 0, {
      what: 'the lock',
    });
    const locked = (await cli(['objects'], env)).stdout.split('\n');
    assert.match(locked[1]!, /^shop +filled +- +- +locked +- +-$/);
    assert.deepEqual([locked[2], locked[3]], [log, orders]);
    await database.query(`KILL ${holder.threadId}`);
  });
});
