import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { skipUnless } from '../../support/skip.ts';
import { sampleRecord } from '../checkpoint/sample.ts';
import { finding, passes, source } from './support.ts';

describe('millrace check: what the database is held against', { skip: skipUnless('postgres-15') }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ version: '15' });
    await server.query('CREATE TABLE orders (id int PRIMARY KEY)');
  });
  after(() => server.destroy());

  it('clock: another time than here is told', async () => {
    const options = { SOURCE_URL: server.url() };
    passes((await source(options)).steps, 'clock');
    const { steps } = await source(options, { wallClock: () => Date.now() + 60_000 });
    assert.match(finding(steps, 'clock', 'warn').found, /clock is (59|60)\d{3} ms behind this machine's/);
    const { steps: ahead } = await source(options, { wallClock: () => Date.now() - 60_000 });
    assert.match(finding(ahead, 'clock', 'warn').found, /ms ahead of/);
  });

  it('checkpoint: one of another server or another mode, or one that cannot be read, fails; what lies behind it is skipped', async () => {
    const record = sampleRecord('0/1');
    assert.ok(record.source.kind === 'postgres');
    const { slot, publication } = record.source;
    const options = { SOURCE_URL: server.url(), SLOT: slot, PUBLICATION: publication };
    const { steps } = await source({ ...options, SYNC_MODE: 'FULL + INCREMENTAL' }, { stored: record });
    assert.equal(finding(steps, 'checkpoint', 'fail').code, 'SYSTEM_CHANGED');
    assert.deepEqual([...new Set(steps.slice(steps.findIndex(({ step }) => step === 'slots')).map(({ state }) => state))], ['skipped']);

    const elsewhere = { ...record, source: { ...record.source, systemIdentifier: null, timeline: null, database: null } };
    const { steps: otherMode } = await source({ ...options, SYNC_MODE: 'FULL' }, { stored: elsewhere });
    assert.equal(finding(otherMode, 'checkpoint', 'fail').code, 'SYNC_MODE_CHANGED');

    const unreadable = await source(options, { stored: new MillraceError('STATE_CORRUPT', 'it cannot be trusted') });
    assert.equal(finding(unreadable.steps, 'checkpoint', 'fail').code, 'STATE_CORRUPT');

    const { steps: reset } = await source({ ...options, SYNC_MODE: 'FULL + INCREMENTAL' }, { stored: { ...elsewhere, position: null } });
    passes(reset, 'checkpoint');
  });

  it('what the configuration cannot mean is thrown before anything is looked at', async () => {
    await assert.rejects(source({ SOURCE_URL: server.url(), TABLES: '!orders' }), { code: 'CONFIG_INVALID' });
  });
});
