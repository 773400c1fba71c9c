import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { openFileStore } from '../../../../engine/checkpoint/file-store.ts';
import type { CheckpointStore } from '../../../../engine/checkpoint/store.ts';
import { lockFile } from '../../../../native-bridge/index.ts';
import { startKafka, type KafkaServer } from '../../../support/kafka.ts';
import { skipUnless } from '../../../support/skip.ts';
import { tempDir } from '../../../support/temp.ts';
import { sampleContent } from '../../checkpoint/sample.ts';
import { openStore, TOPIC } from '../../checkpoint/topic-stage.ts';
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

describe('millrace position, of a checkpoint in a topic', { skip: skipUnless('kafka') }, () => {
  let kafka: KafkaServer;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.destroy());
  const inTopic = (env: Record<string, string>): Record<string, string> => ({
    ...env,
    MILLRACE_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
    MILLRACE_TOPIC: 'shop',
    MILLRACE_CHECKPOINT_TOPIC: TOPIC,
    MILLRACE_CHECKPOINT_STORE: 'topic',
  });

  it('move takes it there and back, show tells of it, and reset gives it up', async (t) => {
    const { env, store, directory } = await stored(t);
    const topic = inTopic(env);
    const none = await cli(['position', 'show'], topic);
    assert.deepEqual([none.code, none.stderr], [1, 'There is no checkpoint of changefeed shop in topic checkpoints.\n']);
    assert.match((await cli(['position', 'move', 'topic'], topic)).stderr, /^STATE_LOCKED: /m, 'not while the changefeed runs');
    await store.close();
    const moved = await cli(['position', 'move', 'topic'], { ...topic, MILLRACE_CHECKPOINT_STORE: 'file' });
    assert.equal(
      moved.stdout,
      'the checkpoint of changefeed shop, position 0/AB, is in topic checkpoints\nStart it with MILLRACE_CHECKPOINT_STORE=topic from now on.\n',
    );
    assert.ok(!existsSync(join(directory, 'checkpoint')));
    assert.match((await cli(['position', 'show'], topic)).stdout, /^position +0\/AB$/m);
    assert.equal((await cli(['position', 'show'], env)).code, 1, 'it is in one place alone');
    const owner = await openStore({ servers: kafka.bootstrapServers, changefeed: 'shop', root: tempDir(t) });
    assert.match((await cli(['position', 'show'], topic)).stdout, new RegExp(`^owner +pid ${process.pid} on here, since 20`, 'm'));
    await owner.close();
    assert.match((await cli(['position', 'reset', '--slot', 'mine'], topic)).stdout, /^reset changefeed shop: the position was 0\/AB\n/);
    assert.match((await cli(['position', 'show'], topic)).stdout, /^position +none yet$/m);
    assert.match(
      (await cli(['position', 'move', 'file'], topic)).stdout,
      new RegExp(`position none yet, is in ${env['MILLRACE_STATE_DIR']}\n`),
    );
    assert.match((await cli(['position', 'show'], env)).stdout, /^slot +mine \(intent\)$/m);
    assert.equal((await cli(['position', 'show'], topic)).code, 1);
  });

  it('move says what it takes, and that there is nothing', async (t) => {
    const topic = inTopic({ MILLRACE_STATE_DIR: tempDir(t), MILLRACE_CHANGEFEED: 'empty' });
    const wrong = await cli(['position', 'move', 'elsewhere'], topic);
    assert.deepEqual([wrong.code, /given "elsewhere", accepted: file, topic/.test(wrong.stderr)], [2, true]);
    const none = await cli(['position', 'move', 'file'], topic);
    assert.deepEqual([none.code, /There is no checkpoint of changefeed empty, neither in topic/.test(none.stderr)], [1, true]);
  });
});
