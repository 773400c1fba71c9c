import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Progress } from '../../../../engine/control/cli/run-progress.ts';
import { Terminal } from '../../../../engine/control/terminal.ts';
import { until } from '../../../support/wait.ts';
import { serviceOf, shop } from '../http/support.ts';
import { ready, untilStopped, type Scene } from '../stage.ts';
import type { Step } from '../stand-in-capture.ts';
import { statsOf } from '../support.ts';

const stats = (delivered: number, lagSeconds: number): Step => ({
  send: { type: 'stats', stats: statsOf({ delivered, deliveredBytes: delivered * 1000, lagSeconds }) },
});

/** A changefeed of this name that streams and has delivered 1000 rows. */
async function streams(t: TestContext, name: string, lagSeconds: number): Promise<Scene> {
  const scene = shop(t, [[ready, stats(1000, lagSeconds), ...untilStopped.slice(1)]], { MILLRACE_CHANGEFEED: name });
  void scene.supervisor.run();
  await until(() => scene.supervisor.watch.stats, { what: 'statistics' });
  return scene;
}

describe('progress on a terminal', () => {
  it('of one changefeed is its own line', async (t) => {
    let nowMs = 0;
    let text = '';
    const progress = new Progress(new Terminal({ write: (piece) => (text += piece) }), () => nowMs);
    progress.draw();
    assert.equal(text, '', 'nothing to show yet');
    progress.show(serviceOf(await streams(t, 'shop', 0.5)));
    nowMs = 2000;
    progress.draw();
    assert.match(text, /shop \| 500 rows\/s \| 0\.5 MB\/s \| lag 0\.5 s/);
  });

  it('of several is one line for all of them, drawn once a second', async (t) => {
    let nowMs = 0;
    let text = '';
    const progress = new Progress(new Terminal({ write: (piece) => (text += piece) }), () => nowMs);
    const idle = shop(t, [], { MILLRACE_CHANGEFEED: 'idle' });
    progress.show(serviceOf(await streams(t, 'a', 0.5), await streams(t, 'b', 2.5), idle));
    nowMs = 2000;
    progress.draw();
    const line = '2 of 3 changefeeds stream | 1,000 rows/s | 1.0 MB/s | lag 2.5 s (b) | 2,000 rows';
    assert.ok(text.endsWith(line), text);
    nowMs = 2500;
    progress.draw();
    assert.ok(text.endsWith(line), 'the statistics of the others change nothing');
    nowMs = 3000;
    progress.draw();
    assert.match(text, /\| 0 rows\/s \| 0\.0 MB\/s \| lag 2\.5 s \(b\) \| 2,000 rows$/);
  });
});
