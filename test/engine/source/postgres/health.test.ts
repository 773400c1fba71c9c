import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import { openSession, type Session } from '../../../../engine/source/postgres/connection.ts';
import { Health } from '../../../../engine/source/postgres/health.ts';
import { parseConnectionUrl } from '../../../../engine/source/postgres/url.ts';
import { startPostgres, type PostgresServer } from '../../../support/postgres.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';

/** Our clock, as the tests set it, is an hour slow. */
const SLOW_MS = 3_600_000;

/** A replication connection that streams from a slot of its own. */
async function readSlot(server: PostgresServer): Promise<Session> {
  const { settings } = parseConnectionUrl(server.url(), {});
  const session = await openSession({ settings, kind: 'replication', warn: () => undefined });
  await session.client.query('CREATE_REPLICATION_SLOT held LOGICAL pgoutput NOEXPORT_SNAPSHOT');
  await server.query('CREATE PUBLICATION held');
  session.client.query("START_REPLICATION SLOT held LOGICAL 0/0 (proto_version '1', publication_names 'held')").catch(() => undefined);
  const isRead = async () => (await server.query('SELECT 1 FROM pg_replication_slots WHERE active')).length === 1;
  await until(isRead, { what: 'the slot to be read' });
  return session;
}

async function untilUnusable({ client }: Session): Promise<void> {
  const isUnusable = () =>
    client.query('SELECT 1').then(
      () => false,
      () => true,
    );
  await until(isUnusable, { what: 'the connection to be unusable' });
}

describe('the side connection', { skip: skipUnless('postgres-15') }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ version: '15', settings: { max_slot_wal_keep_size: '100MB' } });
  });
  after(() => server.destroy());

  async function start(
    watch: () => Promise<void> = () => Promise.resolve(),
    walSenderPid = 1,
  ): Promise<{ health: Health; side: Session; failures: string[] }> {
    const { settings } = parseConnectionUrl(server.url(), {});
    const side = await openSession({ settings, kind: 'query', warn: () => undefined });
    const failures: string[] = [];
    const onFailure = (error: MillraceError) => failures.push(error.code);
    return {
      health: new Health({ side, walSenderPid, watch, watchMs: 20, clock: () => Date.now() - SLOW_MS, onFailure }),
      side,
      failures,
    };
  }

  test('knows where the log ends, at once and later on', async () => {
    const { health, side, failures } = await start();
    assert.equal(health.serverEnd, null);
    const first = await until(() => health.serverEnd, { what: 'the end' });
    await server.query('CREATE TABLE t AS SELECT generate_series(1, 10000)');
    await until(() => health.serverEnd!.low > first.low, { what: 'the end to move' });
    health.close();
    await side.close();
    assert.deepEqual(failures, []);
  });

  test('looks at what the stream does not tell of after a question that was asked when that was due', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    let looks = 0;
    const { health, side } = await start(async () => void (looks += 1));
    // The first question is still open.
    assert.equal(health.serverEnd, null);
    t.mock.timers.tick(20);
    assert.equal(looks, 0);
    t.mock.timers.reset();
    await until(() => looks === 1, { what: 'the look' });
    health.close();
    await side.close();
  });

  test("knows how far the server's clock is ahead", async () => {
    const { health, side } = await start();
    const ahead = await until(() => health.clockAheadMs, { what: 'an answer' });
    assert.ok(Math.abs(ahead - SLOW_MS) < SLOW_MS / 10, `${ahead} ms`);
    health.close();
    await side.close();
  });

  test('knows how much log the server keeps for the slot that is read, and how much more it may', async () => {
    const { health, side } = await start();
    await until(() => health.serverEnd, { what: 'an answer' });
    assert.deepEqual([health.heldBytes, health.spareBytes], [null, null], 'nobody reads');
    health.close();
    await side.close();

    const reader = await readSlot(server);
    await server.query('CREATE TABLE held AS SELECT generate_series(1, 10000)');
    const read = await start(undefined, reader.processId);
    const held = await until(() => read.health.heldBytes, { what: 'an answer' });
    assert.ok(held > 100_000, `${held} bytes`);
    assert.ok(read.health.spareBytes! > 50e6 && read.health.spareBytes! < 200e6, `${read.health.spareBytes} bytes`);
    read.health.close();
    await read.side.close();
    await reader.close();
  });

  test('that ends is told once', async () => {
    const { health, side, failures } = await start();
    await server.query(`SELECT pg_terminate_backend(${side.processId})`);
    await until(() => failures.length > 0, { what: 'the failure' });
    await untilUnusable(side);
    assert.deepEqual(failures, ['CONNECTION_LOST']);
    health.close();
  });

  test('what it finds ends the stream', async () => {
    let looks = 0;
    const watch = () => (++looks < 3 ? Promise.resolve() : Promise.reject(new MillraceError('SLOT_LOST', 'lost')));
    const { side, failures } = await start(watch);
    await until(() => failures.length > 0, { what: 'the failure' });
    assert.deepEqual([failures, looks], [['SLOT_LOST'], 3]);
    await side.close();
  });

  test('sees whether a process reads from a slot', async () => {
    const { health, side } = await start();
    assert.equal(await health.isWalSenderAlive(), false);
    health.close();
    await side.close();
  });

  test('once closed asks nothing and tells nothing', async () => {
    let looks = 0;
    const { health, side, failures } = await start(() => Promise.resolve(void looks++));
    health.close();
    await server.query(`SELECT pg_terminate_backend(${side.processId})`);
    await untilUnusable(side);
    assert.deepEqual([failures, looks], [[], 0]);
  });
});
