import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openFileStore } from '../../../../engine/checkpoint/file-store.ts';
import type { CheckpointStore } from '../../../../engine/checkpoint/store.ts';
import { lockFile } from '../../../../native-bridge/index.ts';
import { tempDir } from '../../../support/temp.ts';
import { sampleContent } from '../../checkpoint/sample.ts';
import { cli } from './support.ts';

/** A state directory with a checkpoint at 0/AB of changefeed `shop`, and the store that still owns it. */
async function stored(t: TestContext): Promise<{ env: Record<string, string>; store: CheckpointStore; directory: string }> {
  const root = tempDir(t);
  const store = await openFileStore({ root, changefeed: 'shop', lock: lockFile, now: Date.now });
  t.after(() => store.close());
  await store.store(sampleContent('0/AB'));
  return { env: { MILLRACE_STATE_DIR: root, MILLRACE_CHANGEFEED: 'shop' }, store, directory: join(root, 'shop') };
}

describe('millrace position show', () => {
  it('shows the checkpoint, also while the changefeed runs', async (t) => {
    const { env } = await stored(t);
    const { code, stdout } = await cli(['position', 'show'], env);
    assert.equal(code, 0);
    assert.match(stdout, /^changefeed +shop$/m);
    assert.match(stdout, /^position +0\/AB$/m);
    assert.match(stdout, /^rows delivered +9007199254740993$/m);
  });

  it('shows it as JSON', async (t) => {
    const { env } = await stored(t);
    const record = JSON.parse((await cli(['position', 'show', '--json'], env)).stdout) as { position: unknown; changefeed: string };
    assert.equal(record.changefeed, 'shop');
    assert.deepEqual(record.position, sampleContent('0/AB').position);
  });

  it('shows the readable copy of two and warns of the other', async (t) => {
    const { env, directory } = await stored(t);
    writeFileSync(join(directory, 'checkpoint'), 'garbage');
    const { code, stdout, stderr } = await cli(['position', 'show'], env);
    assert.equal(code, 0);
    assert.match(stdout, /0\/AB/);
    assert.match(stderr, /copy checkpoint of the checkpoint is damaged/);
  });

  it('exits 1 when there is none', async (t) => {
    const { code, stderr } = await cli(['position', 'show', '--state-dir', tempDir(t)]);
    assert.equal(code, 1);
    assert.match(stderr, /There is no checkpoint of changefeed default in /);
  });

  it('exits 1 with the error when it cannot be trusted', async (t) => {
    const { env, directory } = await stored(t);
    for (const name of ['checkpoint', 'checkpoint.mirror']) writeFileSync(join(directory, name), 'garbage');
    const { code, stderr } = await cli(['position', 'show'], env);
    assert.equal(code, 1);
    assert.match(stderr, /^STATE_CORRUPT: /);
    assert.match(stderr, /docs\/errors\.md#state_corrupt\n$/);
  });
});

describe('millrace position reset', () => {
  it('gives up the position and says which it was', async (t) => {
    const { env, store } = await stored(t);
    await store.close();
    const { code, stdout } = await cli(['position', 'reset', '--slot', 'mine'], env);
    assert.equal(code, 0);
    assert.match(stdout, /^reset changefeed shop: the position was 0\/AB\n/);
    const shown = (await cli(['position', 'show'], env)).stdout;
    assert.match(shown, /^position +none yet$/m);
    assert.match(shown, /^slot +mine \(intent\)$/m);
    assert.match(shown, /^publication +millrace_shop$/m);
  });

  it('is refused while the changefeed runs', async (t) => {
    const { env } = await stored(t);
    const { code, stderr } = await cli(['position', 'reset'], env);
    assert.equal(code, 1);
    assert.match(stderr, /^STATE_LOCKED: /);
    assert.match((await cli(['position', 'show'], env)).stdout, /0\/AB/);
  });
});
