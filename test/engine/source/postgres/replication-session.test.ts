import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { openReplication } from '../../../../engine/source/postgres/replication-session.ts';
import { parseConnectionUrl } from '../../../../engine/source/postgres/url.ts';
import { recordSource } from '../../../support/postgres-source.ts';
import { startPostgres, type PostgresServer } from '../../../support/postgres.ts';
import { skipUnless } from '../../../support/skip.ts';

function open(url: string) {
  const { settings } = parseConnectionUrl(url, {});
  return openReplication({ settings, warn: () => undefined });
}

describe('a replication session', { skip: skipUnless('postgres-15') }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ version: '15', settings: { wal_sender_timeout: '30s' } });
  });
  after(() => server.destroy());

  test('knows the limit that holds for its role', async () => {
    const { session, walSenderTimeoutMs } = await open(server.url());
    await session.close();
    assert.equal(walSenderTimeoutMs, 30_000);
    await server.query("ALTER ROLE postgres SET wal_sender_timeout = '7s'");
    const other = await open(server.url());
    await other.session.close();
    await server.query('ALTER ROLE postgres RESET wal_sender_timeout');
    assert.equal(other.walSenderTimeoutMs, 7_000);
  });

  test('cannot be had without the right to replicate', async () => {
    await server.query('CREATE ROLE poor LOGIN');
    await assert.rejects(open(server.url('postgres', 'poor')), { code: 'REPLICATION_PRIVILEGE' });
  });

  test('of a database in Latin 1 gets UTF-8, in names and values', async (t) => {
    await server.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'");
    const { session, isUnconverted } = await open(server.url('latin'));
    await session.close();
    assert.equal(isUnconverted, false);
    await server.query('CREATE TABLE "café"(id int PRIMARY KEY, "naïve" text)', undefined, 'latin');
    await server.query('CREATE PUBLICATION p FOR ALL TABLES', undefined, 'latin');
    await server.query("SELECT pg_create_logical_replication_slot('latin', 'pgoutput')", undefined, 'latin');
    await server.query(`INSERT INTO "café" VALUES (1, 'Ærøskøbing ÿ')`, undefined, 'latin');
    const running = await recordSource({ server, url: server.url('latin'), slot: 'latin', publication: 'p' });
    t.after(() => running.source.stop());
    await running.until(() => running.sink.changes.length === 1, 'a row');
    assert.deepEqual(running.sink.changes, ['insert public.café new(1,"Ærøskøbing ÿ")']);
    assert.deepEqual(
      running.sink.schemas[0]?.columns.map(({ name }) => name),
      ['id', 'naïve'],
    );
  });

  test('of a database in SQL_ASCII gets its bytes, of which only UTF-8 is taken', async (t) => {
    await server.query("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'");
    const { session, isUnconverted } = await open(server.url('ascii'));
    await session.close();
    assert.equal(isUnconverted, true);
    await server.query('CREATE TABLE t(id int PRIMARY KEY, v text); ALTER TABLE t REPLICA IDENTITY FULL', undefined, 'ascii');
    await server.query('CREATE PUBLICATION p FOR ALL TABLES', undefined, 'ascii');
    await server.query("SELECT pg_create_logical_replication_slot('ascii', 'pgoutput')", undefined, 'ascii');
    await server.query("INSERT INTO t VALUES (1, 'köln €')", undefined, 'ascii');
    await server.query("INSERT INTO t VALUES (2, E'k\\xf6ln')", undefined, 'ascii');
    const running = await recordSource({ server, url: server.url('ascii'), slot: 'ascii', publication: 'p' });
    t.after(() => running.source.stop());
    const failure = await running.ended();
    assert.equal(failure?.code, 'TEXT_NOT_UTF8');
    assert.match(failure.message, /column v of public\.t/);
    assert.deepEqual(running.sink.changes, ['insert public.t new(1,"köln €")']);
  });
});

describe('a session whose settings somebody changes at its start', { skip: skipUnless('postgres-18') }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ version: '18' });
  });
  after(() => server.destroy());

  test('is refused', async () => {
    await server.query(`
      CREATE FUNCTION change() RETURNS event_trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM set_config('DateStyle', 'German', false); END $$;
      CREATE EVENT TRIGGER change ON login EXECUTE FUNCTION change();
      ALTER EVENT TRIGGER change ENABLE ALWAYS`);
    await assert.rejects(open(server.url()), { code: 'SESSION_SETTINGS', message: /DateStyle = `German, / });
    await server.query('DROP EVENT TRIGGER change');
    await (await open(server.url())).session.close();
  });
});
