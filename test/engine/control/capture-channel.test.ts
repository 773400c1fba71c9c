import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { MillraceError } from '../../../engine/base/errors.ts';
import { openCaptureChannel } from '../../../engine/control/capture-channel.ts';
import { tempDir } from '../../support/temp.ts';
import { within } from '../../support/wait.ts';
import { configOf } from './config/support.ts';
import { STAND_IN } from './stage.ts';
import type { Step } from './stand-in-capture.ts';
import { READY } from './support.ts';

/** Forks the stand-in with one life and waits for its `ready`. */
async function streamingCapture(t: TestContext, ...afterReady: Step[]): Promise<ChildProcess> {
  const stateDir = tempDir(t);
  const life: Step[] = [{ send: { type: 'ready', ready: READY } }, ...afterReady];
  writeFileSync(join(stateDir, 'lives.json'), JSON.stringify([life]));
  const child = fork(STAND_IN, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  t.after(() => child.kill('SIGKILL'));
  child.send({ type: 'start', config: configOf({ MILLRACE_STATE_DIR: stateDir }), secrets: {}, isRestart: false });
  const [message] = (await within(once(child, 'message'), 30_000, 'ready')) as [unknown];
  assert.deepEqual(message, { type: 'ready', ready: READY });
  return child;
}

describe('channel of a capture', () => {
  it('that closes ends the process at once', async (t) => {
    const child = await streamingCapture(t, { hang: true });
    const exit = once(child, 'exit');
    child.disconnect();
    assert.deepEqual(await within(exit, 10_000, 'the end'), [null, 'SIGKILL']);
  });

  it("leaves signals to the supervisor's decision", async (t) => {
    const child = await streamingCapture(t, { awaitStop: true }, { exit: 3 });
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    child.kill('SIGINT');
    child.kill('SIGHUP');
    child.send({ type: 'stop' });
    assert.deepEqual(await within(exit, 10_000, 'the end'), [3, null]);
  });

  it('delivers the last message before the exit', async (t) => {
    const position = '0/'.padEnd(1_000_000, 'F');
    const child = await streamingCapture(t, { send: { type: 'finished', finished: { snapshot: null, position } } }, { exit: 0 });
    const [message] = (await within(once(child, 'message'), 10_000, 'the last message')) as [unknown];
    assert.deepEqual(message, { type: 'finished', finished: { snapshot: null, position } });
  });

  it('is not to be had without a supervisor', () => {
    assert.notEqual(process.connected, true);
    assert.throws(
      () => openCaptureChannel({ start: () => {}, order: () => {}, stop: () => {} }),
      (error) => error instanceof MillraceError && error.code === 'INTERNAL',
    );
  });
});
