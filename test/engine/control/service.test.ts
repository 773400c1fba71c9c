import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { MillraceError, toErrorRecord } from '../../../engine/base/errors.ts';
import type { Request, Service } from '../../../engine/control/service.ts';
import { until, within } from '../../support/wait.ts';
import { serviceOf, shop } from './http/support.ts';
import { finished, ready, streaming, untilStopped, type Scene } from './stage.ts';
import type { Step } from './stand-in-capture.ts';

const failing: readonly Step[] = [
  { send: { type: 'error', error: toErrorRecord(new MillraceError('KAFKA_TOPIC_MISSING', 'no topic')) } },
  { exit: 1 },
];

/** A changefeed of this name whose captures do what `lives` says. */
function named(t: TestContext, name: string, ...lives: (readonly Step[])[]): Scene {
  return shop(t, lives, { MILLRACE_CHANGEFEED: name });
}

function refusal(service: Service, index: number, request: Request): MillraceError {
  try {
    service.request(service.changefeeds[index]!, request);
  } catch (error) {
    assert.ok(error instanceof MillraceError);
    return error;
  }
  throw new Error(`${request} was not refused`);
}

describe('a service of several changefeeds', () => {
  it('goes on while one of them does, and ends with the last', async (t) => {
    const [a, b, c] = [named(t, 'a', failing), named(t, 'b', [ready, finished, { exit: 0 }]), named(t, 'c', untilStopped)] as const;
    const service = serviceOf(a, b, c);
    let isOver = false;
    const end = service.run().then(() => (isOver = true));
    await until(() => a.supervisor.status.state === 'failed' && b.supervisor.status.state === 'finished', { what: 'two ends' });
    await streaming(c);
    assert.equal(c.lives().length, 1);
    assert.equal(isOver, false);
    c.supervisor.stop();
    await within(end, 30_000, 'the end');
    assert.ok(a.log().some((entry) => entry['code'] === 'KAFKA_TOPIC_MISSING'));
    assert.ok(c.log().some((entry) => entry['message'] === 'the changefeed is stopped'));
  });

  it('drains all of them when it is stopped', async (t) => {
    const scenes = [named(t, 'a', untilStopped), named(t, 'b', untilStopped)] as const;
    const service = serviceOf(...scenes);
    const end = service.run();
    await Promise.all(scenes.map(streaming));
    service.stop();
    await within(end, 30_000, 'the end');
    for (const { supervisor } of scenes) assert.deepEqual([supervisor.status.state, supervisor.status.drained], ['stopped', true]);
  });

  it('ends all of them at once when it is told to', async (t) => {
    const scenes = [named(t, 'a', [ready, { hang: true }]), named(t, 'b', [ready, { hang: true }])] as const;
    const service = serviceOf(...scenes);
    const end = service.run();
    await Promise.all(scenes.map(streaming));
    service.stopNow();
    await within(end, 30_000, 'the end');
    for (const { supervisor } of scenes) assert.equal(supervisor.status.error?.code, 'SHUTDOWN_TIMEOUT');
  });

  it('restarts the one whose capture dies, and leaves the others alone', async (t) => {
    const a = named(t, 'a', [ready, { kill: 'SIGKILL' }], [ready, { kill: 'SIGKILL' }], untilStopped);
    const b = named(t, 'b', untilStopped);
    void serviceOf(a, b).run();
    await until(() => a.lives().length === 3, { what: 'the third life' });
    await streaming(a);
    await streaming(b);
    assert.deepEqual([a.supervisor.status.restarts, b.supervisor.status.restarts, b.lives().length], [2, 0, 1]);
  });
});

describe('a request to a service of several changefeeds', () => {
  it('is for one of them', async (t) => {
    const [a, b] = [named(t, 'a', untilStopped), named(t, 'b', untilStopped)] as const;
    const service = serviceOf(a, b);
    void service.run();
    await Promise.all([streaming(a), streaming(b)]);
    service.request(service.changefeeds[0]!, 'pause');
    await until(() => a.supervisor.status.phase === 'paused', { what: 'the pause' });
    assert.equal(b.supervisor.status.phase, 'streaming');
    service.request(service.changefeeds[0]!, 'resume');
    await streaming(a);
    assert.deepEqual([a.lives().length, b.lives().length], [2, 1]);
  });

  it('begins one again that has failed, as a start of the service would, while others go on', async (t) => {
    const [a, b] = [named(t, 'a', [ready, ...failing], untilStopped), named(t, 'b', untilStopped)] as const;
    const service = serviceOf(a, b);
    const end = service.run();
    await until(() => a.supervisor.status.state === 'failed', { what: 'the failure' });
    for (const request of ['pause', 'resume'] as const) assert.equal(refusal(service, 0, request).code, 'API_STATE_CONFLICT');
    service.request(service.changefeeds[0]!, 'restart');
    await streaming(a);
    assert.deepEqual([a.supervisor.status.state, a.supervisor.status.error], ['normal', null]);
    assert.equal(a.lives()[1]!.isRestart, false);
    service.stop();
    await within(end, 30_000, 'the end');
    assert.deepEqual([a.supervisor.status.state, b.supervisor.status.state], ['stopped', 'stopped']);
  });

  it('begins none again once the service ends', async (t) => {
    const [a, b] = [named(t, 'a', failing), named(t, 'b', untilStopped)] as const;
    const service = serviceOf(a, b);
    const end = service.run();
    await until(() => a.supervisor.status.state === 'failed', { what: 'the failure' });
    await streaming(b);
    service.stop();
    assert.match(refusal(service, 0, 'restart').message, /^the changefeed a is failed: it cannot be asked to restart$/);
    assert.match(refusal(service, 1, 'restart').message, /^the changefeed b is stopping: it cannot be asked to restart$/);
    await within(end, 30_000, 'the end');
    assert.equal(a.lives().length, 1);
  });

  it('begins none again that was the last', async (t) => {
    const a = named(t, 'a', failing);
    const service = serviceOf(a);
    await within(service.run(), 30_000, 'the end');
    assert.equal(refusal(service, 0, 'restart').code, 'API_STATE_CONFLICT');
  });
});
