import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MillraceError, toErrorRecord } from '../../../../engine/base/errors.ts';
import { until, within } from '../../../support/wait.ts';
import { finished, ready, streaming, untilStopped } from '../stage.ts';
import type { Step } from '../stand-in-capture.ts';
import { SNAPSHOT, statsOf } from '../support.ts';
import { Contract } from './contract.ts';
import { ask, codeOf, serve, serviceOf, shop } from './support.ts';

const CHANGEFEED = '/api/v1/changefeeds/{id}';
const SHOP = { id: 'shop' };
const WRITE = { 'x-millrace': '1' };
/** What each method of the document needs. */
const BODIES: Readonly<Record<string, unknown>> = { PUT: { level: 'warn' }, PATCH: { tables: ['shop.orders'] } };
const READS = `${CHANGEFEED}/snapshots`;

const partition = { topic: 'orders', delivered: 500, deliveredBytes: 200_000, inFlight: 60 };
const STATS: Step = {
  send: {
    type: 'stats',
    stats: statsOf({
      delivered: 900,
      deliveredBytes: 378_000,
      inFlight: 100,
      lagSeconds: 0.25,
      oldestCommitMs: 1_700_000_000_500,
      rowsExported: 12_345,
      partitions: [
        { ...partition, partition: 0, offset: 5000, lag: 70 },
        { ...partition, partition: 1, offset: 4000, lag: 0 },
        { ...partition, topic: 'stock', partition: 0, offset: 10, lag: 1 },
      ],
      checkpoint: { position: '0/AB', stores: 7, behindMs: 1500 },
      source: { ...statsOf().source, position: '0/AC', lagBytes: 4096, heldBytes: 70_000, spareBytes: null },
    }),
  },
};
const lost: Step = { send: { type: 'error', error: toErrorRecord(new MillraceError('KAFKA_UNREACHABLE', 'lost s3cret-word')) } };

describe('the API', () => {
  it('shows a job with the columns of an export job', async (t) => {
    const scene = shop(t, [[ready, STATS, ...untilStopped.slice(1)]]);
    const contract = await Contract.of(await serve(t, scene));
    const job = async () => JSON.parse((await contract.ask('/api/v1/jobs')).body) as Record<string, unknown>[];
    assert.deepEqual(await job(), [
      {
        job_id: 'shop',
        job_name: 'shop',
        source_instance: 'db:5432/shop',
        target_kafka_cluster: null,
        target_type: 'kafka',
        sync_mode: 'INCREMENTAL',
        status: 'normal',
        records_exported: null,
        last_export_time: null,
        error_message: null,
      },
    ]);
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    const [row] = await job();
    assert.deepEqual([row?.['target_kafka_cluster'], row?.['records_exported']], ['abc', 12_345]);
    assert.ok(Math.abs(Date.parse(String(row?.['last_export_time'])) - Date.now()) < 60_000);
    assert.equal((await contract.ask('/api/v1/jobs', {}, { query: '?target_type=kafka' })).body, JSON.stringify([row]));
    assert.equal((await contract.ask('/api/v1/jobs', {}, { query: '?target_type=pulsar' })).body, '[]');
  });

  it('shows how far behind a job is to who asks for that, with file, offset and GTID of MariaDB and MySQL', async (t) => {
    const log = { file: 'binlog.000123', fileNumber: 123, offset: 4567, gtid: '0-1-9', keptBytes: 1_000_000, expireSeconds: 0 };
    const source = { ...statsOf().source, position: '0-1-9 binlog.000123:4567', lagBytes: 4096, lagTransactions: 12, log };
    const reading: Step = { send: { type: 'stats', stats: statsOf({ lagSeconds: 0.25, source }) } };
    const scene = shop(t, [[ready, reading, ...untilStopped.slice(1)]], { MILLRACE_SOURCE_URL: 'mariadb://app:pw@db/shop' });
    const contract = await Contract.of(await serve(t, scene));
    const job = async (query: string) => (JSON.parse((await contract.ask('/api/v1/jobs', {}, { query })).body) as object[])[0]!;
    const columns = ['position', 'lag_seconds', 'lag_bytes', 'lag_transactions', 'log_file', 'log_offset', 'gtid'];
    const lag = async () => Object.entries(await job('?lag=true')).slice(-columns.length);
    assert.deepEqual(
      await lag(),
      columns.map((name) => [name, null]),
    );
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    const values = ['0-1-9 binlog.000123:4567', 0.25, 4096, 12, 'binlog.000123', 4567, '0-1-9'];
    assert.deepEqual(
      await lag(),
      columns.map((name, index) => [name, values[index]]),
    );
    for (const query of ['', '?lag=false']) assert.equal(Object.keys(await job(query)).length, 10, 'a job has its own columns alone');
    assert.deepEqual((await contract.ask(CHANGEFEED, SHOP)).json()['log'], {
      file: 'binlog.000123',
      offset: 4567,
      gtid: '0-1-9',
      kept_bytes: 1_000_000,
      expire_seconds: 0,
    });
  });

  it('shows each partition with its offset, lag and throughput', async (t) => {
    const scene = shop(t, [[ready, STATS, ...untilStopped.slice(1)]]);
    const contract = await Contract.of(await serve(t, scene));
    assert.equal((await contract.ask('/api/v1/partitions')).body, '[]');
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    const rows = JSON.parse((await contract.ask('/api/v1/partitions')).body) as Record<string, unknown>[];
    assert.deepEqual(Object.keys(rows[0]!), ['topic', 'partition', 'current_offset', 'lag', 'throughput_per_sec']);
    assert.deepEqual(
      rows.map((row) => Object.values(row).slice(0, 4)),
      [
        ['orders', 0, 5000, 70],
        ['orders', 1, 4000, 0],
        ['stock', 0, 10, 1],
      ],
    );
    assert.ok(rows.every((row) => (row['throughput_per_sec'] as number) > 0));
    assert.equal(JSON.parse((await contract.ask('/api/v1/partitions', {}, { query: '?topic=stock' })).body).length, 1);
  });

  it('shows a changefeed with position, checkpoint, and the last error with what to do', async (t) => {
    const scene = shop(t, [
      [ready, lost, { exit: 1 }],
      [ready, STATS, ...untilStopped.slice(1)],
    ]);
    const contract = await Contract.of(await serve(t, scene));
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    const shown = (await contract.ask(CHANGEFEED, SHOP)).json();
    const { id, state, phase, ready: isReady, position, checkpoint, restarts, slot } = shown;
    assert.deepEqual([id, state, phase, isReady, position, restarts], ['shop', 'normal', 'streaming', true, '0/AC', 1]);
    assert.deepEqual(checkpoint, { position: '0/AB', age_seconds: 1.5 });
    assert.deepEqual(slot, { name: 'millrace_shop', held_bytes: 70_000, spare_bytes: null });
    assert.deepEqual([shown['lag_seconds'], shown['oldest_unacknowledged']], [0.25, '2023-11-14T22:13:20.500Z']);
    const error = shown['last_error'] as Record<string, string>;
    assert.deepEqual([error['code'], error['message']], ['KAFKA_UNREACHABLE', 'lost ***']);
    assert.match(error['advice']!, /docs\/errors\.md#kafka_unreachable/);
    assert.deepEqual(shown['errors'], [error]);
    assert.equal((await contract.ask('/api/v1/changefeeds')).body, `[${JSON.stringify(shown)}]`);
  });

  it('shows how far a snapshot is, and what came after a moment', async (t) => {
    const reading: Step = { send: { type: 'stats', stats: statsOf({ snapshot: SNAPSHOT, delivered: 10 }) } };
    const scene = shop(t, [[ready, reading, reading, ...untilStopped.slice(1)]]);
    const contract = await Contract.of(await serve(t, scene));
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.history.since(0).length === 2, { what: 'statistics' });
    const { snapshot, slot, activity } = (await contract.ask(CHANGEFEED, SHOP)).json();
    assert.deepEqual(snapshot, {
      percent: 12.5,
      rows: 1000,
      rows_per_sec: 100,
      seconds_left: 70,
      held_bytes: 4_000_000,
      tables: [
        { table: 'public.orders', rows: 900, percent: 10 },
        { table: 'public.stock', rows: 100, percent: 100 },
      ],
    });
    assert.equal((slot as Record<string, unknown>)['held_bytes'], 4_000_000);
    assert.match(String(activity), /a snapshot is being read/);
    const points = JSON.parse((await contract.ask(`${CHANGEFEED}/history`, SHOP)).body) as { at: number }[];
    assert.equal(points.length, 2);
    assert.equal((await contract.ask(`${CHANGEFEED}/history`, SHOP, { query: `?since=${points[1]!.at}` })).body, '[]');
    assert.equal(codeOf(await contract.ask(`${CHANGEFEED}/history`, SHOP, { query: '?since=yesterday' })), 'API_REQUEST_INVALID');
  });
});

describe('the API of several changefeeds', () => {
  it('shows all, or one of them, and the latest export first', async (t) => {
    const shopped = shop(t, [[ready, STATS, ...untilStopped.slice(1)]]);
    const stocked = shop(t, [[ready, STATS, ...untilStopped.slice(1)]], { MILLRACE_CHANGEFEED: 'stock' });
    const idle = shop(t, [untilStopped], { MILLRACE_CHANGEFEED: 'idle' });
    const contract = await Contract.of(await serve(t, serviceOf(idle, shopped, stocked)));
    const list = async (path: string, query = '') =>
      JSON.parse((await contract.ask(path, {}, { query })).body) as Record<string, unknown>[];
    for (const scene of [idle, shopped]) void scene.supervisor.run();
    await until(() => shopped.supervisor.watch.lastExportTime, { what: 'an export' });
    await until(() => new Date().toISOString() > shopped.supervisor.watch.lastExportTime!, { what: 'the next millisecond' });
    void stocked.supervisor.run();
    await until(() => stocked.supervisor.watch.lastExportTime, { what: 'a later export' });
    const ids = (rows: Record<string, unknown>[], name: string) => rows.map((row) => row[name]);
    assert.deepEqual(ids(await list('/api/v1/jobs'), 'job_id'), ['stock', 'shop', 'idle']);
    assert.deepEqual(ids(await list('/api/v1/changefeeds'), 'id'), ['idle', 'shop', 'stock']);
    assert.equal((await list('/api/v1/partitions')).length, 6);
    assert.equal((await list('/api/v1/partitions', '?changefeed=stock')).length, 3);
    assert.equal((await list('/api/v1/partitions', '?changefeed=stock&topic=stock')).length, 1);
    assert.deepEqual(await list('/api/v1/partitions', '?changefeed=idle'), []);
    const unknown = await contract.ask('/api/v1/partitions', {}, { query: '?changefeed=other' });
    assert.deepEqual([unknown.status, codeOf(unknown)], [404, 'API_NOT_FOUND']);
    assert.equal((await contract.ask(CHANGEFEED, { id: 'stock' })).json()['id'], 'stock');
    const answer = await contract.ask(`${CHANGEFEED}/pause`, { id: 'stock' }, { method: 'POST', headers: WRITE });
    assert.deepEqual([answer.json()['id'], stocked.supervisor.status.wanted, shopped.supervisor.status.wanted], ['stock', 'pause', 'run']);
  });
});

describe('a request to the API', () => {
  it('pauses, resumes and restarts', async (t) => {
    const scene = shop(t, [untilStopped]);
    const contract = await Contract.of(await serve(t, scene));
    const over = scene.supervisor.run();
    await streaming(scene);
    const post = async (request: string) =>
      (await contract.ask(`${CHANGEFEED}/${request}`, SHOP, { method: 'POST', headers: WRITE })).json();
    assert.equal((await post('pause'))['phase'], 'draining');
    await until(() => scene.supervisor.status.phase === 'paused', { what: 'the pause' });
    assert.deepEqual([(await post('pause'))['state'], (await post('pause'))['reason']], ['stopped', 'the changefeed is paused']);
    assert.equal((await post('resume'))['phase'], 'starting');
    await streaming(scene);
    assert.equal((await post('restart'))['phase'], 'draining');
    await until(() => scene.lives().length === 3, { what: 'the third life' });
    await streaming(scene);
    assert.ok(scene.log().some((entry) => entry['message'] === 'asked over HTTP to pause the changefeed'));
    scene.supervisor.stop();
    await within(over, 30_000, 'the end');
    const late = await contract.ask(`${CHANGEFEED}/pause`, SHOP, { method: 'POST', headers: WRITE });
    assert.deepEqual([late.status, codeOf(late)], [409, 'API_STATE_CONFLICT']);
  });

  it('changes the level of the log', async (t) => {
    const scene = shop(t, [], { MILLRACE_LOG_LEVEL: 'info' });
    const contract = await Contract.of(await serve(t, scene));
    assert.deepEqual((await contract.ask('/api/v1/log-level')).json(), { level: 'info' });
    const put = async (body: unknown) => await contract.ask('/api/v1/log-level', {}, { method: 'PUT', headers: WRITE, body });
    assert.deepEqual((await put({ level: 'debug' })).json(), { level: 'debug' });
    assert.equal(scene.logger.level, 'debug');
    for (const body of [{ level: 'loud' }, {}, 'debug']) assert.equal((await put(body)).status, 400);
    assert.equal(scene.logger.level, 'debug');
  });

  it('changes nothing without the header of writes', async (t) => {
    const scene = shop(t, [untilStopped]);
    const server = await serve(t, scene);
    void scene.supervisor.run();
    await streaming(scene);
    for (const path of ['pause', 'resume', 'restart']) {
      const answer = await ask(server, `/api/v1/changefeeds/shop/${path}`, { method: 'POST' });
      assert.deepEqual([answer.status, codeOf(answer)], [403, 'API_HEADER_MISSING']);
    }
    assert.equal(scene.supervisor.status.phase, 'streaming');
  });

  it('knows no other changefeed', async (t) => {
    const contract = await Contract.of(await serve(t, shop(t, [])));
    const answer = await contract.ask(CHANGEFEED, { id: 'other' });
    assert.deepEqual([answer.status, codeOf(answer)], [404, 'API_NOT_FOUND']);
    assert.match(answer.body, /given the changefeed \\"other\\", accepted: shop/);
  });

  it('answers everything in its document as it is described', async (t) => {
    const scene = shop(t, [[ready, STATS, { awaitStop: true }, finished, { exit: 0 }]]);
    const contract = await Contract.of(await serve(t, scene));
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    const read = (await contract.ask(READS, SHOP, { method: 'POST', headers: WRITE, body: { table: 'shop.orders' } })).json();
    await contract.ask(`${READS}/{read}`, { ...SHOP, read: String(read['id']) }, { method: 'DELETE', headers: WRITE });
    for (const operation of contract.operations.filter((each) => !contract.asked.has(each))) {
      const [method, path] = operation.split(' ') as [string, string];
      const body = method in BODIES ? { body: BODIES[method] } : {};
      await contract.ask(path, SHOP, { method, headers: method === 'GET' ? {} : WRITE, ...body });
    }
    assert.deepEqual([...contract.asked].sort(), contract.operations.sort());
    assert.ok(contract.asked.size >= 17, [...contract.asked].join(', '));
  });
});
