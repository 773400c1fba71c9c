import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { MillraceError, toErrorRecord } from '../../../../engine/base/errors.ts';
import { startHttp, type HttpServer } from '../../../../engine/control/http/server.ts';
import { createRedactor } from '../../../../engine/control/redact.ts';
import { until, within } from '../../../support/wait.ts';
import { freePort } from '../../../support/ports.ts';
import { finished, ready, stage, streaming, type Scene } from '../stage.ts';
import type { Step } from '../stand-in-capture.ts';
import { statsOf } from '../support.ts';

const STATS: Step = {
  send: {
    type: 'stats',
    stats: statsOf({
      rows: 1000,
      truncates: 1,
      delivered: 900,
      deliveredBytes: 378_000,
      inFlight: 100,
      lagSeconds: 0.25,
      ringFill: [0.5, 0.125],
      epochsOpen: 2,
      partitions: [
        { topic: 'orders', partition: 0, offset: 5000, delivered: 500, deliveredBytes: 200_000, inFlight: 60 },
        { topic: 'orders', partition: 1, offset: 4000, delivered: 400, deliveredBytes: 178_000, inFlight: 40 },
      ],
      checkpoint: { position: '0/AB', stores: 7, behindMs: 1500 },
      source: { connected: true, silentMs: 20, stalled: false, lagBytes: 4096, receivedBytes: 210_000, transactions: 10, reconnects: 2 },
    }),
  },
};

async function serve(t: TestContext, scene: Scene, port = 0): Promise<HttpServer> {
  const redact = createRedactor(['s3cret-word']);
  const options = { host: '127.0.0.1', port, changefeed: 'shop', supervisor: scene.supervisor, redact, now: () => performance.now() };
  const server = await startHttp(options);
  t.after(() => server.close());
  return server;
}

async function get(server: HttpServer, path: string): Promise<{ status: number; type: string | null; body: string }> {
  const response = await fetch(server.url + path);
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

describe('HTTP', () => {
  it('answers /live from the first moment', async (t) => {
    const server = await serve(t, stage(t, []));
    assert.deepEqual(await get(server, '/live'), { status: 200, type: 'application/json; charset=utf-8', body: '{"live":true}' });
    assert.equal((await get(server, '/nothing')).status, 404);
  });

  it('answers /ready with 503 and the reason until the stream moves, and after it', async (t) => {
    const scene = stage(t, [[ready, STATS, { awaitStop: true }, finished, { exit: 0 }]]);
    const server = await serve(t, scene);
    const starting = await get(server, '/ready');
    assert.equal(starting.status, 503);
    assert.deepEqual(JSON.parse(starting.body), { ready: false, changefeed: 'shop', state: 'normal', reason: 'the capture process is starting' });
    const over = scene.supervisor.run();
    await streaming(scene);
    const streams = await get(server, '/ready');
    assert.equal(streams.status, 200);
    assert.deepEqual(JSON.parse(streams.body), { ready: true, changefeed: 'shop', state: 'normal', reason: null });
    scene.supervisor.stop();
    await within(over, 30_000, 'the end');
    const ended = await get(server, '/ready');
    assert.equal(ended.status, 503);
    assert.equal((JSON.parse(ended.body) as { state: string }).state, 'stopped');
  });

  it('hides secrets in the reason', async (t) => {
    const error = toErrorRecord(new MillraceError('KAFKA_TOPIC_MISSING', 'no topic for s3cret-word'));
    const scene = stage(t, [[{ send: { type: 'error', error } }, { exit: 1 }]]);
    const server = await serve(t, scene);
    await within(scene.supervisor.run(), 30_000, 'the failure');
    const { reason } = JSON.parse((await get(server, '/ready')).body) as { reason: string };
    assert.equal(reason, 'the changefeed is failed: KAFKA_TOPIC_MISSING: no topic for ***');
  });

  it('answers /metrics with the names that operators build on', async (t) => {
    const scene = stage(t, [[ready, STATS, { awaitStop: true }, finished, { exit: 0 }]]);
    const server = await serve(t, scene);
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
    const { status, type, body } = await get(server, '/metrics');
    assert.equal(status, 200);
    assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8');
    const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(samples, [
      'millrace_rows_total{changefeed="shop"} 1000',
      'millrace_truncates_total{changefeed="shop"} 1',
      'millrace_delivered_messages_total{changefeed="shop"} 900',
      'millrace_delivered_bytes_total{changefeed="shop"} 378000',
      'millrace_failed_messages_total{changefeed="shop"} 0',
      'millrace_checkpoint_stores_total{changefeed="shop"} 7',
      'millrace_source_received_bytes_total{changefeed="shop"} 210000',
      'millrace_source_transactions_total{changefeed="shop"} 10',
      'millrace_source_reconnects_total{changefeed="shop"} 2',
      'millrace_lag_seconds{changefeed="shop"} 0.25',
      'millrace_lag_bytes{changefeed="shop"} 4096',
      'millrace_in_flight_messages{changefeed="shop"} 100',
      'millrace_epochs_open{changefeed="shop"} 2',
      'millrace_checkpoint_age_seconds{changefeed="shop"} 1.5',
      'millrace_source_connected{changefeed="shop"} 1',
      'millrace_source_stalled{changefeed="shop"} 0',
      'millrace_source_silent_seconds{changefeed="shop"} 0.02',
      'millrace_ready{changefeed="shop"} 1',
      'millrace_changefeed_state{changefeed="shop",state="normal"} 1',
      'millrace_changefeed_state{changefeed="shop",state="warning"} 0',
      'millrace_changefeed_state{changefeed="shop",state="failed"} 0',
      'millrace_changefeed_state{changefeed="shop",state="stopped"} 0',
      'millrace_changefeed_state{changefeed="shop",state="finished"} 0',
      'millrace_capture_restarts_total{changefeed="shop"} 0',
      'millrace_ring_fill_ratio{changefeed="shop",worker="0"} 0.5',
      'millrace_ring_fill_ratio{changefeed="shop",worker="1"} 0.125',
      'millrace_partition_offset{changefeed="shop",topic="orders",partition="0"} 5000',
      'millrace_partition_offset{changefeed="shop",topic="orders",partition="1"} 4000',
      'millrace_partition_in_flight_messages{changefeed="shop",topic="orders",partition="0"} 60',
      'millrace_partition_in_flight_messages{changefeed="shop",topic="orders",partition="1"} 40',
      'millrace_partition_delivered_messages_total{changefeed="shop",topic="orders",partition="0"} 500',
      'millrace_partition_delivered_messages_total{changefeed="shop",topic="orders",partition="1"} 400',
      'millrace_partition_delivered_bytes_total{changefeed="shop",topic="orders",partition="0"} 200000',
      'millrace_partition_delivered_bytes_total{changefeed="shop",topic="orders",partition="1"} 178000',
    ]);
  });

  it('leaves gauges out that are not known, keeps counters', async (t) => {
    const server = await serve(t, stage(t, []));
    const { body } = await get(server, '/metrics');
    assert.match(body, /^millrace_rows_total\{changefeed="shop"\} 0$/m);
    assert.doesNotMatch(body, /^millrace_lag_seconds\{/m);
    assert.doesNotMatch(body, /^millrace_partition_offset\{/m);
  });

  it('refuses to start on an address that is taken, by name', async (t) => {
    const port = await freePort();
    const other = createServer();
    t.after(() => other.close());
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const scene = stage(t, []);
    await assert.rejects(serve(t, scene, port), (error) => {
      assert.ok(error instanceof MillraceError);
      assert.equal(error.code, 'HTTP_ADDRESS_UNAVAILABLE');
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port} cannot be listened on \\(EADDRINUSE\\)`));
      return true;
    });
  });
});
