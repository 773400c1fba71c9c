import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { MillraceError, toErrorRecord } from '../../../../engine/base/errors.ts';
import { within } from '../../../support/wait.ts';
import { freePort } from '../../../support/ports.ts';
import { streaming, untilStopped } from '../stage.ts';
import { ask, serve, shop } from './support.ts';

describe('HTTP', () => {
  it('answers /live from the first moment', async (t) => {
    const server = await serve(t, shop(t, []));
    const { status, headers, body } = await ask(server, '/live');
    assert.deepEqual(
      [status, headers['content-type'], body],
      [200, 'application/json; charset=utf-8', '{"live":true,"changefeeds":[{"changefeed":"shop","live":true,"state":"normal"}]}'],
    );
    assert.equal((await ask(server, '/nothing')).status, 404);
  });

  it('answers /ready with 503 and the reason until the stream moves, and after it', async (t) => {
    const scene = shop(t, [untilStopped]);
    const server = await serve(t, scene);
    const starting = await ask(server, '/ready');
    assert.equal(starting.status, 503);
    const reason = 'the capture process is starting';
    const is = { ready: false, changefeed: 'shop', state: 'normal', reason, activity: null };
    assert.deepEqual(JSON.parse(starting.body), { ...is, changefeeds: [is] });
    const over = scene.supervisor.run();
    await streaming(scene);
    const streams = await ask(server, '/ready');
    assert.equal(streams.status, 200);
    const now = { ...is, ready: true, reason: null };
    assert.deepEqual(JSON.parse(streams.body), { ...now, changefeeds: [now] });
    scene.supervisor.stop();
    await within(over, 30_000, 'the end');
    const ended = await ask(server, '/ready');
    assert.equal(ended.status, 503);
    assert.equal((JSON.parse(ended.body) as { state: string }).state, 'stopped');
  });

  it('hides secrets in the reason', async (t) => {
    const error = toErrorRecord(new MillraceError('KAFKA_TOPIC_MISSING', 'no topic for s3cret-word'));
    const scene = shop(t, [[{ send: { type: 'error', error } }, { exit: 1 }]]);
    const server = await serve(t, scene);
    await within(scene.supervisor.run(), 30_000, 'the failure');
    const { reason } = JSON.parse((await ask(server, '/ready')).body) as { reason: string };
    assert.equal(reason, 'the changefeed is failed: KAFKA_TOPIC_MISSING: no topic for ***');
  });

  it('answers /metrics in the text format of Prometheus', async (t) => {
    const server = await serve(t, shop(t, []));
    const { status, headers, body } = await ask(server, '/metrics');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(body, /^millrace_rows_total\{changefeed="shop"\} 0$/m);
    const counters = (text: string) => text.split('\n').filter((line) => /^millrace_[a-z_]+_total\{/.test(line) && !line.includes('_cpu_'));
    assert.deepEqual(counters((await ask(server, '/metrics')).body), counters(body));
  });

  it('refuses to start on an address that is taken, by name', async (t) => {
    const port = await freePort();
    const other = createServer();
    t.after(() => other.close());
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const scene = shop(t, []);
    await assert.rejects(serve(t, scene, { port }), (error) => {
      assert.ok(error instanceof MillraceError);
      assert.equal(error.code, 'HTTP_ADDRESS_UNAVAILABLE');
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port} cannot be listened on \\(EADDRINUSE\\)`));
      return true;
    });
  });
});
