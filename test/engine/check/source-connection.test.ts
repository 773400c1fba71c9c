import assert from 'node:assert/strict';
import { execSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exposure } from '../../../engine/check/encryption-step.ts';
import { certificates } from '../../support/certificates.ts';
import { freePort } from '../../support/ports.ts';
import { PASSWORD } from '../../support/postgres-install.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { skipUnless } from '../../support/skip.ts';
import { tempDir } from '../../support/temp.ts';
import { finding, mend, passes, source } from './support.ts';

describe('millrace check: to the database', { skip: skipUnless('postgres-15') }, () => {
  let server: PostgresServer;
  let ca: string;
  let otherCa: string;

  before(async () => {
    ({ ca, otherCa } = await certificates());
    server = await startPostgres({
      version: '15',
      auth: 'scram-sha-256',
      ssl: true,
      // Its certificate is there; whether it is used is left to ALTER SYSTEM.
      settings: { ssl: null },
      hba: ['host all outsider 127.0.0.1/32 reject'],
    });
    await server.query(`CREATE TABLE orders (id int PRIMARY KEY);
      CREATE ROLE app LOGIN REPLICATION SUPERUSER PASSWORD '${PASSWORD}'; CREATE ROLE idle SUPERUSER REPLICATION PASSWORD '${PASSWORD}';
      CREATE ROLE full LOGIN SUPERUSER CONNECTION LIMIT 5; CREATE ROLE outsider LOGIN SUPERUSER PASSWORD '${PASSWORD}'`);
  });
  after(() => server.destroy());

  const check = async (url: string) => (await source({ SOURCE_URL: url })).steps;
  const verified = (url: string) => `${url}?sslmode=verify-full&sslrootcert=${ca}`;

  it('tls fails where the server has none, and passes once the statements are run', async () => {
    const refused = finding(await check(verified(server.url())), 'tls', 'fail');
    assert.equal(refused.code, 'TLS_FAILED');
    await mend(server, refused);
    const steps = await check(verified(server.url()));
    passes(steps, 'resolve', 'connect', 'tls', 'login', 'version', 'primary', 'clock');
    assert.match(steps.find(({ step }) => step === 'tls')!.found, /^TLSv1\.[23], sslmode=verify-full$/);
  });

  it('tls fails for a certificate of another authority, and warns where the host is not verified', async () => {
    const url = `${server.url()}?sslmode=verify-full&sslrootcert=`;
    const foreign = finding(await check(url + otherCa), 'tls', 'fail');
    assert.match(foreign.remedies[0]!.text, /sslrootcert=/);
    passes(await check(url + ca), 'tls');
    const weak = finding(await check(`${server.url()}?sslmode=require&sslrootcert=${ca}`), 'tls', 'warn');
    assert.match(weak.remedies[0]!.text, /sslmode=verify-full/);
  });

  it('tells of what is not encrypted only where it leaves the machine', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1', '/run/postgresql']) assert.equal(exposure(host), null, host);
    assert.match(exposure('db.example')!, /db\.example is not encrypted/);
  });

  it('resolve fails without an address, and warns with one of two', async () => {
    const lost = await check('postgres://app@host.invalid/postgres');
    assert.match(finding(lost, 'resolve', 'fail').found, /host\.invalid has no address \(E/);
    assert.deepEqual([...new Set(lost.slice(1).map(({ state }) => state))], ['skipped']);
    assert.match(lost[1]!.found, /^resolve failed$/);
    const url = server.url('postgres', 'app').replace('127.0.0.1', `host.invalid:${server.port},127.0.0.1`);
    assert.match(finding(await check(url), 'resolve', 'warn').found, /host\.invalid has no address/);
    passes(await check(server.url('postgres', 'app')), 'resolve');
  });

  it('resolve looks for the file of a Unix socket', async () => {
    passes(await check(server.socketUrl()), 'resolve', 'connect', 'tls', 'login');
    const elsewhere = encodeURIComponent(tempDir(undefined));
    const lost = await check(`postgres://app@${elsewhere}:${server.port}/postgres`);
    assert.match(finding(lost, 'resolve', 'fail').found, /no socket of a server/);
  });

  it('connect fails at a port where nobody listens, and passes once the server is there', async () => {
    const refused = finding(await check(`postgres://app@127.0.0.1:${await freePort()}/postgres`), 'connect', 'fail');
    assert.equal(refused.code, 'SERVER_UNREACHABLE');
    await server.stop();
    finding(await check(server.url()), 'connect', 'fail');
    await server.start();
    passes(await check(server.url()), 'connect');
  });

  it('login fails with a wrong password, and passes once the statement has set it', async () => {
    const url = `postgres://app:other-word@127.0.0.1:${server.port}/postgres`;
    const refused = finding(await check(url), 'login', 'fail');
    assert.equal(refused.code, 'LOGIN_REFUSED');
    assert.ok(!JSON.stringify(refused).includes('other-word'));
    await server.query(refused.remedies.find(({ how }) => how === 'sql')!.text.replace('...', 'other-word'));
    passes(await check(url), 'login');
    await server.query(`ALTER ROLE app PASSWORD '${PASSWORD}'`);
  });

  it('login fails for a role that may not log in, and for one whose connections are used up', async () => {
    for (const [role, statement] of [
      ['idle', 'SELECT 1'],
      ['full', `ALTER ROLE "full" PASSWORD '${PASSWORD}' NOSUPERUSER CONNECTION LIMIT 0`],
    ] as const) {
      await server.query(statement);
      await mend(server, finding(await check(server.url('postgres', role)), 'login', 'fail'));
      passes(await check(server.url('postgres', role)), 'login');
    }
  });

  it('login fails for a database that is not there, and passes once it is', async () => {
    const refused = finding(await check(server.url('shop')), 'login', 'fail');
    await server.query(/CREATE DATABASE \w+/.exec(refused.remedies[0]!.text)![0]);
    passes(await check(server.url('shop')), 'login');
  });

  it('login fails where pg_hba.conf has no place for the role, and passes with the line', async () => {
    const refused = finding(await check(server.url('postgres', 'outsider')), 'login', 'fail');
    const line = /^add to pg_hba\.conf: (.*)$/.exec(refused.remedies[0]!.text)![1]!.replace('<address of this machine>', '127.0.0.1');
    const file = join(server.dataDir, 'pg_hba.conf');
    writeFileSync(file, `${line}\n${readFileSync(file, 'utf8')}`);
    await mend(server, refused);
    passes(await check(server.url('postgres', 'outsider')), 'login');
  });

  it('login fails with a password file that others may read, and passes once they may not', async () => {
    const file = join(tempDir(undefined), 'pgpass');
    writeFileSync(file, `*:*:*:*:${PASSWORD}\n`, { mode: 0o640 });
    const url = `postgres://app@127.0.0.1:${server.port}/postgres?passfile=${encodeURIComponent(file)}`;
    const refused = finding(await check(url), 'login', 'fail');
    assert.equal(refused.remedies[0]!.how, 'shell');
    execSync(refused.remedies[0]!.text);
    passes(await check(url), 'login');
  });
});
