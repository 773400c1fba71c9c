import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MillraceError, toErrorRecord } from '../../../engine/base/errors.ts';
import { NEW_CHANGEFEED, type ChangefeedStatus } from '../../../engine/control/changefeed.ts';
import { areUnderWay, openServiceManager } from '../../../engine/control/service-manager.ts';
import { NotifySocket } from '../../support/notify-socket.ts';
import { skipUnless } from '../../support/skip.ts';
import { tempDir } from '../../support/temp.ts';
import { within } from '../../support/wait.ts';
import { MINIMAL } from './config/support.ts';
import { finished, ready, untilStopped, type Life } from './stage.ts';
import type { Step } from './stand-in-capture.ts';

const ENTRY = fileURLToPath(new URL('./cli/run-with-stand-in.js', import.meta.url));
/** Blocks the event loop for ever at SIGUSR2. */
const BLOCKER = `process.on('SIGUSR2',()=>Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0))`;
/** Pings come at every 100 ms; a silence is as long as so many of them. */
const WATCHDOG_USEC = '200000';
const SILENCES = 20;

interface Service {
  readonly socket: NotifySocket;
  readonly process: ChildProcess;
  readonly exit: Promise<number | null>;
  /** The first capture process, as it found itself. */
  readonly capture: () => Life;
}

/** `millrace run` as a service manager starts it. */
async function serve(t: TestContext, lives: readonly (readonly Step[])[], env: Record<string, string> = {}): Promise<Service> {
  const stateDir = tempDir(t);
  writeFileSync(join(stateDir, 'lives.json'), JSON.stringify(lives));
  const socket = await NotifySocket.open(t, join(stateDir, 'notify'));
  const child = spawn(process.execPath, [ENTRY], {
    env: {
      PATH: process.env['PATH'],
      ...MINIMAL,
      MILLRACE_STATE_DIR: stateDir,
      MILLRACE_HTTP_ADDRESS: '127.0.0.1:0',
      NOTIFY_SOCKET: socket.address,
      WATCHDOG_USEC,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return {
    socket,
    process: child,
    exit: new Promise((resolve) => child.on('close', resolve)),
    capture: () => JSON.parse(readFileSync(join(stateDir, 'born'), 'utf8').split('\n')[0]!) as Life,
  };
}

describe('what a service manager is told', { skip: skipUnless('python') }, () => {
  it('READY when rows are read, pings, and STOPPING, in this order', async (t) => {
    const { socket, process: service, exit } = await serve(t, [untilStopped]);
    await socket.untilCount('READY=1');
    await socket.untilCount('STATUS=default: streaming');
    await socket.untilCount('WATCHDOG=1', 3);
    service.kill('SIGTERM');
    await socket.untilCount('STOPPING=1');
    assert.equal(await within(exit, 30_000, 'the end'), 0);
    const once = socket.messages.filter((message) => message !== 'WATCHDOG=1' && !message.startsWith('STATUS='));
    assert.deepEqual(once, ['READY=1', 'STOPPING=1']);
  });

  it('no READY and why, before rows are read', async (t) => {
    const error = toErrorRecord(new MillraceError('KAFKA_UNREACHABLE', 'no broker answers to s3cret-word'));
    const { socket } = await serve(t, [[{ send: { type: 'error', error } }, { exit: 1 }], [{ hang: true }]]);
    // Between two looks the wait may be over.
    await socket.untilCount(
      /^STATUS=default: the capture process (waits before restart 1|is restarting): KAFKA_UNREACHABLE: .* to \*\*\*$/,
    );
    await socket.untilCount('WATCHDOG=1', 20);
    assert.equal(socket.count('READY=1'), 0);
  });

  it('STOPPING without READY when it fails at the start', async (t) => {
    const error = toErrorRecord(new MillraceError('KAFKA_TOPIC_MISSING', 'there is none'));
    const { socket, exit } = await serve(t, [[{ send: { type: 'error', error } }, { exit: 1 }]]);
    assert.equal(await within(exit, 30_000, 'the end'), 1);
    await socket.untilCount('STOPPING=1');
    await socket.untilCount('STATUS=default: the changefeed is failed: KAFKA_TOPIC_MISSING: there is none');
    assert.equal(socket.count('READY=1'), 0);
  });

  it('READY of an export that is over at once: a manager holds an end before it for a failure', async (t) => {
    const { socket, exit } = await serve(t, [[ready, finished, { exit: 0 }]]);
    assert.equal(await within(exit, 30_000, 'the end'), 0);
    await socket.untilCount('STOPPING=1');
    assert.equal(socket.count('READY=1'), 1);
  });

  it('no ping while the process is stopped', async (t) => {
    const { socket, process: service } = await serve(t, [untilStopped]);
    await socket.untilCount('WATCHDOG=1', 3);
    service.kill('SIGSTOP');
    await socket.untilSilent(SILENCES);
    const before = socket.count('WATCHDOG=1');
    service.kill('SIGCONT');
    await socket.untilCount('WATCHDOG=1', before + 3);
  });

  it('no ping while the event loop is blocked, though the process runs and its capture works', async (t) => {
    const { socket, process: service } = await serve(t, [untilStopped], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(BLOCKER)}`,
    });
    await socket.untilCount('WATCHDOG=1', 3);
    service.kill('SIGUSR2');
    await socket.untilSilent(SILENCES);
  });

  it('no ping where none is asked for, of this process', async (t) => {
    for (const env of [{ WATCHDOG_USEC: '' }, { WATCHDOG_PID: '1' }]) {
      const { socket } = await serve(t, [untilStopped], env);
      await socket.untilCount('STATUS=default: streaming');
      await socket.untilSilent(SILENCES);
      assert.equal(socket.count('WATCHDOG=1'), 0);
    }
  });

  it('nothing by the capture process: it does not have the socket', async (t) => {
    const { socket, capture } = await serve(t, [untilStopped], { WATCHDOG_PID: '1' });
    await socket.untilCount('READY=1');
    const { env } = capture();
    assert.ok(env['PATH'] !== undefined, 'it has an environment');
    assert.deepEqual([env['NOTIFY_SOCKET'], env['WATCHDOG_USEC'], env['WATCHDOG_PID']], [undefined, undefined, undefined]);
  });
});

describe('a service without a manager', () => {
  it('loads nothing and sets no timer for it', async () => {
    const before = process.getActiveResourcesInfo().length;
    const manager = await openServiceManager({}, []);
    manager.stopping();
    manager.close();
    assert.equal(process.getActiveResourcesInfo().length, before);
  });
});

describe('several changefeeds', () => {
  const status = (changes: Partial<ChangefeedStatus>): ChangefeedStatus => ({ ...NEW_CHANGEFEED, ...changes });
  const streaming = status({ phase: 'streaming', hasStreamed: true });

  it('are under way when none is still to begin', () => {
    assert.equal(areUnderWay([streaming, streaming]), true);
    assert.equal(areUnderWay([streaming, status({ phase: 'waiting', hasStreamed: true })]), true);
    assert.equal(areUnderWay([streaming, status({})]), false);
    assert.equal(areUnderWay([streaming, status({ phase: 'waiting' })]), false);
  });

  it('are not held back by one that failed or is paused, and one must have read', () => {
    assert.equal(areUnderWay([streaming, status({ phase: 'ended', state: 'failed' })]), true);
    assert.equal(areUnderWay([streaming, status({ phase: 'paused' })]), true);
    assert.equal(areUnderWay([status({ phase: 'ended', state: 'failed' })]), false);
    assert.equal(areUnderWay([]), false);
  });
});
