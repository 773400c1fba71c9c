import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import type { Step } from '../../../engine/check/steps.ts';
import { readChosenTables } from '../../../engine/control/chosen-tables.ts';
import { Selections, type SelectionParts } from '../../../engine/control/selections.ts';
import { servedBy } from '../../../engine/control/service.ts';
import { until, within } from '../../support/wait.ts';
import { stage, streaming, untilStopped, type Scene } from './stage.ts';

const FAILED: Step = {
  side: 'source',
  step: 'tables',
  subject: 'shop.nowhere',
  state: 'fail',
  found: 'it is not there',
  code: 'TABLES_NO_MATCH',
  remedies: [],
};

function selectionsOf({ config }: Scene, check: SelectionParts['check'] = async () => []): Selections {
  return new Selections({ configured: new Map([[config.changefeed, config.source.tables]]), check });
}

const refusedWith = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof MillraceError && error.code === code && message.test(error.message);

describe('a change of the tables', () => {
  it('is checked while the capture goes on, which then ends in order, and the next one has it', async (t) => {
    const scene = stage(t, [untilStopped]);
    const changefeed = servedBy(scene.supervisor, scene.logger);
    let checked: readonly string[] = [];
    const selections = selectionsOf(scene, async ({ source }) => {
      assert.equal(scene.supervisor.status.phase, 'streaming');
      checked = source.tables;
      return [{ ...FAILED, state: 'warn' }];
    });
    void scene.supervisor.run();
    await streaming(scene);
    await selections.choose(changefeed, ['shop.orders']);
    assert.deepEqual([checked, changefeed.config.source.tables], [['shop.orders'], ['shop.orders']]);
    await until(() => scene.lives().length === 2, { what: 'the second capture' });
    await streaming(scene);
    assert.deepEqual(
      scene.lives().map(({ tables }) => tables),
      [['shop.*'], ['shop.orders']],
    );
    assert.equal(scene.supervisor.status.restarts, 0);
    assert.equal(typeof scene.log().find(({ pauseMs }) => pauseMs !== undefined)?.['pauseMs'], 'number');
  });

  it('changes nothing when its check fails', async (t) => {
    const scene = stage(t, [untilStopped]);
    const changefeed = servedBy(scene.supervisor, scene.logger);
    const selections = selectionsOf(scene, async () => [FAILED]);
    void scene.supervisor.run();
    await streaming(scene);
    const message = /^given the tables shop.nowhere; nothing is changed, because\n {2}- TABLES_NO_MATCH: shop.nowhere: it is not there$/;
    await assert.rejects(() => selections.choose(changefeed, ['shop.nowhere']), refusedWith('SELECTION_REFUSED', message));
    assert.deepEqual([changefeed.config, await readChosenTables(scene.config)], [scene.config, null]);
    assert.equal(scene.supervisor.status.phase, 'streaming');
  });

  it('waits for the one before it, whatever becomes of that', async (t) => {
    const scene = stage(t, [untilStopped]);
    const changefeed = servedBy(scene.supervisor, scene.logger);
    let under = 0;
    const selections = selectionsOf(scene, async ({ source }) => {
      under += 1;
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(under, 1);
      under -= 1;
      return source.tables.includes('bad') ? [FAILED] : [];
    });
    const asked = [['a'], ['bad'], ['b'], ['c']].map((tables) => selections.choose(changefeed, tables));
    const outcomes = await Promise.allSettled(asked);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
    assert.deepEqual(changefeed.config.source.tables, ['c']);
  });

  it('that changes nothing leaves the capture alone', async (t) => {
    const scene = stage(t, [untilStopped]);
    const changefeed = servedBy(scene.supervisor, scene.logger);
    const selections = selectionsOf(scene, () => assert.fail('there is nothing to check'));
    void scene.supervisor.run();
    await streaming(scene);
    await selections.choose(changefeed, ['shop.*']);
    await selections.configure(changefeed, ['shop.*']);
    await selections.choose(changefeed, null);
    assert.deepEqual([scene.supervisor.status.phase, scene.lives().length], ['streaming', 1]);
  });

  it('waits for the resume of a changefeed that is paused', async (t) => {
    const scene = stage(t, [untilStopped]);
    const changefeed = servedBy(scene.supervisor, scene.logger);
    void scene.supervisor.run();
    await streaming(scene);
    scene.supervisor.pause();
    await until(() => scene.supervisor.status.phase === 'paused', { what: 'the pause' });
    await selectionsOf(scene).choose(changefeed, ['shop.orders']);
    assert.deepEqual([scene.supervisor.status.phase, scene.lives().length], ['paused', 1]);
    scene.supervisor.resume();
    await streaming(scene);
    assert.deepEqual(scene.lives().at(-1)?.tables, ['shop.orders']);
  });

  it('is refused once the changefeed stops, also while it is checked', async (t) => {
    const scene = stage(t, [untilStopped]);
    const changefeed = servedBy(scene.supervisor, scene.logger);
    const over = scene.supervisor.run();
    await streaming(scene);
    const selections = selectionsOf(scene, async () => {
      scene.supervisor.stop();
      return [];
    });
    const stopping = refusedWith('API_STATE_CONFLICT', /is stopping/);
    await assert.rejects(() => selections.choose(changefeed, ['shop.orders']), stopping);
    await within(over, 30_000, 'the end');
    await assert.rejects(() => selections.choose(changefeed, ['shop.stock']), stopping);
    assert.equal(await readChosenTables(scene.config), null);
  });
});

describe('tables of the configuration', () => {
  it('overtake what was chosen before them, and not what is the same as before', async (t) => {
    const scene = stage(t, [untilStopped]);
    const changefeed = servedBy(scene.supervisor, scene.logger);
    const selections = selectionsOf(scene);
    await selections.choose(changefeed, ['shop.orders']);
    assert.deepEqual((await readChosenTables(scene.config))?.configured, ['shop.*']);
    await selections.configure(changefeed, ['shop.*']);
    assert.deepEqual(changefeed.config.source.tables, ['shop.orders']);
    await selections.configure(changefeed, ['shop.stock']);
    assert.deepEqual([changefeed.config.source.tables, await readChosenTables(scene.config)], [['shop.stock'], null]);
    await selections.choose(changefeed, ['shop.orders']);
    await selections.choose(changefeed, null);
    assert.deepEqual([changefeed.config.source.tables, await readChosenTables(scene.config)], [['shop.stock'], null]);
  });
});
