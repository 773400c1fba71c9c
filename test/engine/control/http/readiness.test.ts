import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { MillraceError, toErrorRecord } from '../../../../engine/base/errors.ts';
import { until } from '../../../support/wait.ts';
import { finished, ready, streaming, untilStopped, type Scene } from '../stage.ts';
import type { Step } from '../stand-in-capture.ts';
import { Contract } from './contract.ts';
import { serve, serviceOf, shop } from './support.ts';

const failing: readonly Step[] = [
  { send: { type: 'error', error: toErrorRecord(new MillraceError('KAFKA_TOPIC_MISSING', 'no topic for s3cret-word')) } },
  { exit: 1 },
];

interface Served {
  readonly contract: Contract;
  /** Whether the state of a changefeed is so. */
  readonly until: (index: number, state: string) => Promise<void>;
  readonly scenes: readonly Scene[];
}

/** A service that runs changefeeds `a`, `b` ... whose captures do what `lives` says, one life each. */
async function running(t: TestContext, ...lives: (readonly Step[])[]): Promise<Served> {
  const [first, ...others] = lives.map((life, index) => shop(t, [life], { MILLRACE_CHANGEFEED: 'abc'[index]! }));
  const service = serviceOf(first!, ...others);
  const contract = await Contract.of(await serve(t, service));
  void service.run();
  const scenes = [first!, ...others];
  const untilState = async (index: number, state: string) => {
    await until(() => scenes[index]!.supervisor.status.state === state, { what: `${state} of ${index}` });
  };
  return { contract, until: untilState, scenes };
}

const exporting: readonly Step[] = [ready, finished, { exit: 0 }];

describe('readiness of several changefeeds', () => {
  it('is that of each, and which one is not ready stands in the reason', async (t) => {
    const service = await running(t, untilStopped, failing);
    await streaming(service.scenes[0]!);
    await service.until(1, 'failed');
    const answer = await service.contract.ask('/ready');
    assert.equal(answer.status, 503);
    const reason = 'the changefeed is failed: KAFKA_TOPIC_MISSING: no topic for ***';
    assert.deepEqual(answer.json(), {
      ready: false,
      changefeed: null,
      state: null,
      reason: `b: ${reason}`,
      activity: null,
      changefeeds: [
        { changefeed: 'a', ready: true, state: 'normal', reason: null, activity: null },
        { changefeed: 'b', ready: false, state: 'failed', reason, activity: null },
      ],
    });
    assert.deepEqual((await service.contract.ask('/live')).json(), {
      live: true,
      changefeeds: [
        { changefeed: 'a', live: true, state: 'normal' },
        { changefeed: 'b', live: false, state: 'failed' },
      ],
    });
  });

  it('does not wait for one that has finished its export', async (t) => {
    const service = await running(t, exporting, untilStopped);
    await service.until(0, 'finished');
    await streaming(service.scenes[1]!);
    const answer = await service.contract.ask('/ready');
    assert.deepEqual([answer.status, answer.json()['ready'], answer.json()['reason']], [200, true, null]);
  });

  it('is none when all have finished', async (t) => {
    const service = await running(t, exporting, exporting);
    await service.until(0, 'finished');
    await service.until(1, 'finished');
    const answer = await service.contract.ask('/ready');
    assert.deepEqual([answer.status, answer.json()['reason']], [503, 'every changefeed is finished']);
  });

  it('names each that is paused', async (t) => {
    const service = await running(t, untilStopped, untilStopped, untilStopped);
    await Promise.all(service.scenes.map(streaming));
    for (const index of [0, 2]) {
      service.scenes[index]!.supervisor.pause();
      await service.until(index, 'stopped');
    }
    const reason = (await service.contract.ask('/ready')).json()['reason'];
    assert.equal(reason, 'a: the changefeed is paused; c: the changefeed is paused');
  });
});
