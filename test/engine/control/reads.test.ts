import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { cancelRead, isOver, orderRead, percentOf } from '../../../engine/control/reads.ts';
import { servedBy } from '../../../engine/control/service.ts';
import { until, within } from '../../support/wait.ts';
import { stage, streaming, untilStopped } from './stage.ts';

const ORDERS = { table: 'shop.orders', where: null, comment: null };

const refusedWith = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof MillraceError && error.code === code && message.test(error.message);

describe('an order to read a table', () => {
  it('is taken once the capture has told of it, and so is its end', async (t) => {
    const scene = stage(t, [untilStopped]);
    const changefeed = servedBy(scene.supervisor, scene.logger);
    void scene.supervisor.run();
    await streaming(scene);
    const first = await orderRead(changefeed, ORDERS);
    const second = await orderRead(changefeed, ORDERS);
    assert.notEqual(first.id, second.id);
    assert.deepEqual(scene.supervisor.watch.reads, [first, second]);
    assert.equal((await cancelRead(changefeed, first.id)).state, 'cancelled');
    assert.deepEqual(
      scene.supervisor.watch.reads.map(({ state }) => state),
      ['cancelled', 'reading'],
    );
  });

  it('is refused where nothing streams', async (t) => {
    const scene = stage(t, [untilStopped]);
    const changefeed = servedBy(scene.supervisor, scene.logger);
    await assert.rejects(() => orderRead(changefeed, ORDERS), refusedWith('API_STATE_CONFLICT', /does not stream at the moment/));
    void scene.supervisor.run();
    await streaming(scene);
    scene.supervisor.pause();
    await until(() => scene.supervisor.status.phase === 'paused', { what: 'the pause' });
    await assert.rejects(() => orderRead(changefeed, ORDERS), refusedWith('API_STATE_CONFLICT', /does not stream at the moment/));
    const full = stage(t, [untilStopped], { MILLRACE_SYNC_MODE: 'FULL' });
    void full.supervisor.run();
    await streaming(full);
    const noStream = refusedWith('API_STATE_CONFLICT', /reads its tables once/);
    await assert.rejects(() => orderRead(servedBy(full.supervisor, full.logger), ORDERS), noStream);
  });

  it('is refused when its capture ends before it has told of it', async (t) => {
    const scene = stage(t, [untilStopped]);
    const changefeed = servedBy(scene.supervisor, scene.logger);
    void scene.supervisor.run();
    await streaming(scene);
    const asked = orderRead(changefeed, { table: 'deaf.t', where: null, comment: null });
    scene.supervisor.restart();
    await within(
      assert.rejects(asked, refusedWith('API_STATE_CONFLICT', /has not said that it recorded [0-9a-f]{12}: .*ask again/)),
      5000,
      'the end',
    );
  });
});

describe('a read', () => {
  it('is over when nothing more will come of it', () => {
    const states = ['waiting', 'reading', 'done', 'cancelled', 'failed'] as const;
    assert.deepEqual(
      states.filter((state) => isOver({ state })),
      ['done', 'cancelled', 'failed'],
    );
  });

  it('is as far as its chunks are, whose number is a guess', () => {
    assert.equal(percentOf({ state: 'waiting', chunksDone: 0, chunks: 0 }), 0);
    assert.equal(percentOf({ state: 'reading', chunksDone: 1, chunks: 8 }), 12.5);
    assert.equal(percentOf({ state: 'reading', chunksDone: 9, chunks: 8 }), 100);
    assert.equal(percentOf({ state: 'done', chunksDone: 0, chunks: 0 }), 100);
  });
});
