import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError, toErrorRecord } from '../../../engine/base/errors.ts';
import type { CaptureMessage } from '../../../engine/control/messages.ts';
import { until, within } from '../../support/wait.ts';
import { finished, ready, stage, streaming, untilStopped } from './stage.ts';
import type { Step } from './stand-in-capture.ts';
import { READY, statsOf } from './support.ts';

const error = (code: 'KAFKA_UNREACHABLE' | 'KAFKA_TOPIC_MISSING' | 'TABLES_SYNTAX'): Step => {
  const message: CaptureMessage = { type: 'error', error: toErrorRecord(new MillraceError(code, `${code} happened to s3cret-word`)) };
  return { send: message };
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('supervisor', () => {
  it('drains on stop and ends stopped', async (t) => {
    const scene = stage(t, [untilStopped]);
    const over = scene.supervisor.run();
    await streaming(scene);
    assert.equal(scene.supervisor.status.state, 'normal');
    assert.deepEqual(scene.supervisor.watch.ready, READY);
    scene.supervisor.stop();
    assert.equal(scene.supervisor.status.phase, 'draining');
    const status = await within(over, 30_000, 'the end');
    assert.equal(status.state, 'stopped');
    assert.equal(status.error, null);
    assert.equal(scene.supervisor.capturePid, undefined);
  });

  it('restarts a capture that died without a word, and tells its last words', async (t) => {
    const scene = stage(t, [[ready, { stderr: 'FATAL: out of s3cret-word\n' }, { kill: 'SIGKILL' }], untilStopped]);
    const over = scene.supervisor.run();
    await until(() => scene.lives().length === 2, { what: 'the second life' });
    await streaming(scene);
    assert.equal(scene.supervisor.status.restarts, 1);
    assert.equal(scene.supervisor.status.state, 'normal');
    const died = scene.log().find((entry) => entry['code'] === 'CAPTURE_DIED');
    assert.match(String(died?.['message']), /SIGKILL/);
    assert.equal(died?.['lastLines'], 'FATAL: out of ***');
    assert.equal(scene.log().find((entry) => entry['from'] === 'capture stderr')?.['message'], 'FATAL: out of ***');
    scene.supervisor.stop();
    assert.equal((await within(over, 30_000, 'the end')).state, 'stopped');
  });

  it('tells a capture that it goes on with what one before it had begun', async (t) => {
    const scene = stage(t, [[error('KAFKA_UNREACHABLE'), { exit: 1 }], [ready, { exit: 1 }], untilStopped]);
    void scene.supervisor.run();
    await until(() => scene.lives().length === 3, { what: 'the third life' });
    assert.deepEqual(
      scene.lives().map(({ isRestart }) => isRestart),
      [false, false, true],
    );
  });

  it('kills a capture that is stopped and says nothing any more, and starts another', async (t) => {
    const scene = stage(t, [[ready, { kill: 'SIGSTOP' }], untilStopped], { MILLRACE_CAPTURE_TIMEOUT: '5s' });
    const over = scene.supervisor.run();
    await until(() => scene.lives().length === 2, { what: 'the second life' });
    await streaming(scene);
    assert.equal(isAlive(scene.lives()[0]!.pid), false);
    assert.match(String(scene.log().find((entry) => entry['code'] === 'CAPTURE_HUNG')?.['message']), /nothing for 5 s/);
    assert.equal(scene.supervisor.status.restarts, 1);
    scene.supervisor.stop();
    assert.equal((await within(over, 30_000, 'the end')).state, 'stopped');
  });

  it('restarts after an error that passes by itself', async (t) => {
    const scene = stage(t, [[error('KAFKA_UNREACHABLE'), { exit: 1 }], untilStopped]);
    void scene.supervisor.run();
    await until(() => scene.supervisor.status.phase === 'waiting', { what: 'the pause' });
    assert.equal(scene.supervisor.status.state, 'warning');
    assert.equal(scene.supervisor.status.error?.code, 'KAFKA_UNREACHABLE');
    await streaming(scene);
    assert.equal(scene.supervisor.status.error, null);
  });

  it('fails for an error that only a person can solve, and does not restart', async (t) => {
    const scene = stage(t, [[ready, error('KAFKA_TOPIC_MISSING'), { exit: 1 }]]);
    const status = await within(scene.supervisor.run(), 30_000, 'the end');
    assert.equal(status.state, 'failed');
    assert.equal(status.error?.code, 'KAFKA_TOPIC_MISSING');
    assert.equal(scene.lives().length, 1);
  });

  it('gives up after as many attempts as it is told, at the pauses that it is told', async (t) => {
    const scene = stage(t, [[error('KAFKA_UNREACHABLE'), { exit: 1 }]], {
      MILLRACE_RETRY_ATTEMPTS: '2',
      MILLRACE_RETRY_BACKOFF: '400ms',
      MILLRACE_RETRY_BACKOFF_MAX: '800ms',
    });
    const status = await within(scene.supervisor.run(), 30_000, 'the end');
    assert.deepEqual([status.state, status.error?.code, scene.lives().length], ['failed', 'RETRIES_EXHAUSTED', 3]);
    assert.match(status.error!.message, /after 2 more attempts .*KAFKA_UNREACHABLE happened/);
    const pauses = scene.log().flatMap(({ message }) => /restarts in (\S+) s/.exec(String(message))?.[1] ?? []);
    assert.deepEqual(pauses, ['0.2', '0.4']);
    assert.equal(scene.supervisor.errors.counts.get('RETRIES_EXHAUSTED'), 1);
  });

  it('stops at once between two captures', async (t) => {
    const scene = stage(t, [[{ exit: 7 }]]);
    const over = scene.supervisor.run();
    await until(() => scene.supervisor.status.phase === 'waiting', { what: 'the pause' });
    assert.match(String(scene.supervisor.status.error?.message), /exit code 7/);
    const lives = scene.lives().length;
    scene.supervisor.stop();
    assert.equal((await within(over, 5000, 'the end')).state, 'stopped');
    // The pause before the restart was at most this long.
    await delay(scene.config.retry.backoffMs);
    assert.equal(scene.lives().length, lives);
    assert.equal(scene.supervisor.status.phase, 'ended');
  });

  it('kills a capture that has not drained at the deadline', async (t) => {
    const scene = stage(t, [[ready, { hang: true }]], { MILLRACE_SHUTDOWN_TIMEOUT: '300ms' });
    const over = scene.supervisor.run();
    await streaming(scene);
    scene.supervisor.stop();
    const status = await within(over, 30_000, 'the end');
    assert.equal(status.state, 'failed');
    assert.equal(status.error?.code, 'SHUTDOWN_TIMEOUT');
    assert.equal(isAlive(scene.lives()[0]!.pid), false);
  });

  it('kills at once when it is told so, also while it drains', async (t) => {
    const scene = stage(t, [[ready, { hang: true }]]);
    const over = scene.supervisor.run();
    await streaming(scene);
    scene.supervisor.stop();
    scene.supervisor.stopNow();
    assert.equal((await within(over, 10_000, 'the end')).error?.code, 'SHUTDOWN_TIMEOUT');
  });

  it('counts a drained capture that hangs at its end as stopped', async (t) => {
    const scene = stage(t, [[ready, { awaitStop: true }, finished, { hang: true }]], { MILLRACE_SHUTDOWN_TIMEOUT: '60s' });
    const over = scene.supervisor.run();
    await streaming(scene);
    scene.supervisor.stop();
    assert.equal((await within(over, 60_000, 'the end')).state, 'stopped');
  });
});

describe('what a supervisor passes on', () => {
  it('keeps the counters over restarts', async (t) => {
    const stats: Step = { send: { type: 'stats', stats: statsOf({ rows: 10, delivered: 9 }) } };
    const scene = stage(t, [
      [ready, stats, { exit: 1 }],
      [ready, stats, { awaitStop: true }, finished, { exit: 0 }],
    ]);
    void scene.supervisor.run();
    await until(() => scene.supervisor.watch.totals().rows === 20, { what: 'both lives to be counted' });
    assert.equal(scene.supervisor.watch.totals().delivered, 18);
  });

  it("writes the capture's log entries and warnings with secrets hidden", async (t) => {
    const messages: CaptureMessage[] = [
      { type: 'log', level: 'debug', message: 'connected with s3cret-word', details: { url: 'postgres://u:other@h/d', port: 5432 } },
      { type: 'warning', code: 'SSL_WEAK', message: 'weak', details: {} },
    ];
    const scene = stage(t, [[...messages.map((message) => ({ send: message })), ...untilStopped]]);
    void scene.supervisor.run();
    await streaming(scene);
    const [entry, warning] = scene.log();
    assert.equal(entry?.['message'], 'connected with ***');
    assert.equal(entry?.['url'], 'postgres://u:***@h/d');
    assert.equal(entry?.['port'], 5432);
    assert.equal(entry?.['level'], 'debug');
    assert.equal(warning?.['code'], 'SSL_WEAK');
  });

  it('gives the capture no variable of ours, and few memory arenas', async (t) => {
    const before = process.env['MILLRACE_KAFKA_SASL_PASSWORD'];
    process.env['MILLRACE_KAFKA_SASL_PASSWORD'] = 'hunter2';
    t.after(() => {
      if (before === undefined) delete process.env['MILLRACE_KAFKA_SASL_PASSWORD'];
      else process.env['MILLRACE_KAFKA_SASL_PASSWORD'] = before;
    });
    const scene = stage(t, [untilStopped]);
    void scene.supervisor.run();
    await streaming(scene);
    const { env, flags } = scene.lives()[0]!;
    assert.deepEqual(
      Object.keys(env).filter((name) => name.startsWith('MILLRACE_')),
      [],
    );
    assert.equal(env['MALLOC_ARENA_MAX'], process.env['MALLOC_ARENA_MAX'] ?? '2');
    assert.ok(flags.some((flag) => flag.startsWith('--max-semi-space-size=')));
  });

  it('pauses, begins no other capture, and goes on from where it is asked to', async (t) => {
    const scene = stage(t, [untilStopped]);
    const over = scene.supervisor.run();
    await streaming(scene);
    scene.supervisor.pause();
    await until(() => scene.supervisor.status.phase === 'paused', { what: 'the pause' });
    assert.deepEqual([scene.supervisor.status.state, scene.supervisor.capturePid, scene.lives().length], ['stopped', undefined, 1]);
    scene.supervisor.resume();
    await streaming(scene);
    assert.deepEqual(
      scene.lives().map(({ isRestart }) => isRestart),
      [false, true],
      'it goes on as it was',
    );
    scene.supervisor.pause();
    await until(() => scene.supervisor.status.phase === 'paused', { what: 'the pause' });
    scene.supervisor.stop();
    assert.equal((await within(over, 30_000, 'the end')).state, 'stopped');
    assert.equal(scene.supervisor.status.restarts, 0);
  });

  it('kills a capture that does not drain for a pause', async (t) => {
    const scene = stage(t, [[ready, { hang: true }]], { MILLRACE_SHUTDOWN_TIMEOUT: '100ms' });
    void scene.supervisor.run();
    await streaming(scene);
    scene.supervisor.pause();
    await until(() => scene.supervisor.status.phase === 'paused', { what: 'the pause' });
    assert.equal(scene.supervisor.status.error?.code, 'SHUTDOWN_TIMEOUT');
    assert.equal(isAlive(scene.lives()[0]!.pid), false);
    assert.equal(scene.supervisor.errors.counts.get('SHUTDOWN_TIMEOUT'), 1);
  });

  it('starts anew on request: after a drain, and at once between two captures', async (t) => {
    const scene = stage(t, [untilStopped, [ready, { exit: 1 }], untilStopped]);
    void scene.supervisor.run();
    await streaming(scene);
    scene.supervisor.restart();
    assert.equal(scene.supervisor.status.phase, 'draining');
    await until(() => scene.supervisor.status.phase === 'waiting', { what: 'the end of the second life' });
    scene.supervisor.restart();
    assert.equal(scene.supervisor.status.phase, 'starting');
    await streaming(scene);
    assert.deepEqual(
      scene.lives().map(({ isRestart }) => isRestart),
      [false, false, false],
    );
    assert.equal(scene.supervisor.status.restarts, 1);
  });
});
