import assert from 'node:assert/strict';
import { accessSync, constants, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Child } from '../support/child.ts';
import { forgetProcess, killAtExit } from '../support/cleanup.ts';
import { projectRoot } from '../support/paths.ts';
import { freePort } from '../support/ports.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { runCommand, type CommandResult } from './command.ts';
import { Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

/** No registry can be asked: what npx runs must be what is there. */
const OFFLINE = { npm_config_registry: 'http://127.0.0.1:1/', npm_config_offline: 'true' };
const NPX = ['npx', 'millrace'];

describe('from a clone, without a network', () => {
  const npx = async (args: readonly string[], cwd = projectRoot): Promise<CommandResult> =>
    await runCommand(args, { command: NPX, cwd, env: OFFLINE });

  test('npx finds the program of the clone itself, in every directory of it', async (t) => {
    const clone = tempDir(t);
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(projectRoot, name), join(clone, name));
    // As the compiler leaves them: not executable.
    cpSync(join(projectRoot, 'dist/engine'), join(clone, 'dist/engine'), { recursive: true, mode: 0 });
    cpSync(join(projectRoot, 'dist/native-bridge'), join(clone, 'dist/native-bridge'), { recursive: true });
    for (const name of ['node_modules', 'native-bridge']) symlinkSync(join(projectRoot, name), join(clone, name));
    mkdirSync(join(clone, 'below'));
    for (const cwd of [clone, join(clone, 'below')]) {
      const { code, stdout } = await npx(['version'], cwd);
      assert.equal(code, 0);
      assert.match(stdout, /^millrace \d/);
    }
  });

  test('what is built can be executed, also where npm has linked an earlier build', () => {
    accessSync(join(projectRoot, 'dist/engine/main.js'), constants.X_OK);
  });

  test('help, options and problems of the configuration', async () => {
    assert.match((await npx(['--help'])).stdout, /Usage: millrace/);
    const options = await npx(['options']);
    assert.equal(options.code, 0);
    assert.match(options.stdout, /MILLRACE_SOURCE_URL/);
    const bare = await npx(['run']);
    assert.equal(bare.code, 2);
    for (const name of ['SOURCE_URL', 'SYNC_MODE', 'TABLES', 'BOOTSTRAP_SERVERS', 'TOPIC'])
      assert.match(bare.stderr, new RegExp(`MILLRACE_${name}`));
  });
});

describe('commands beside a changefeed', { skip: skipUnless(...NEEDS) }, () => {
  let servers: Servers;
  before(async () => {
    servers = await Servers.start();
  });
  after(() => servers.destroy());

  test('slot list, slot drop, position show and position reset', async (t) => {
    const feed = await servers.feed(t, { schema: 'CREATE TABLE t (id int PRIMARY KEY)' });
    const source = ['--source-url', servers.database.url(feed.name)];
    const state = ['--changefeed', feed.name, '--state-dir', feed.engine.stateDir];
    const none = await runCommand(['position', 'show', ...state]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /There is no checkpoint/);

    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);
    const list = await runCommand(['slot', 'list', ...source]);
    assert.match(list.stdout, new RegExp(`${feed.slot} +pgoutput +${feed.name} +pid \\d+ `));
    const taken = await runCommand(['slot', 'drop', feed.slot, ...source]);
    assert.notEqual(taken.code, 0, 'a slot that is read is not dropped');
    const locked = await runCommand(['position', 'reset', ...state]);
    assert.equal(locked.code, 1);
    assert.match(locked.stderr, /STATE_LOCKED/);
    await feed.engine.stop();

    const lsn = await feed.confirmed();
    const shown = JSON.parse((await runCommand(['position', 'show', '--json', ...state])).stdout) as {
      position: { parts: { lsn: string }[] };
    };
    assert.equal(shown.position.parts[0]!.lsn, lsn, 'what is stored is what is confirmed');
    assert.equal((await runCommand(['slot', 'drop', feed.slot, ...source])).code, 0);
    feed.engine.launch();
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    assert.match(feed.engine.log(), /"code":"SLOT_MISSING"/);
    assert.equal((await runCommand(['position', 'reset', ...state])).code, 0);
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (2)');
    await feed.untilCount(2);
  });

  // npm does not hand signals on through its shell: the process itself is told, as by a terminal or a service manager.
  test('npx millrace run exports rows, drains when it is told to stop, and ends npx with its exit code', async (t) => {
    const feed = await servers.feed(t, { schema: 'CREATE TABLE t (id int PRIMARY KEY)' });
    const log = join(tempDir(t), 'log');
    const port = await freePort();
    const env = {
      ...OFFLINE,
      MILLRACE_SOURCE_URL: servers.database.url(feed.name),
      MILLRACE_SYNC_MODE: 'INCREMENTAL',
      MILLRACE_TABLES: '*.*',
      MILLRACE_BOOTSTRAP_SERVERS: servers.broker.bootstrapServers,
      MILLRACE_TOPIC: feed.name,
      MILLRACE_CHANGEFEED: feed.name,
      MILLRACE_STATE_DIR: feed.engine.stateDir,
      MILLRACE_HTTP_ADDRESS: `127.0.0.1:${port}`,
    };
    const child = new Child('npx', ['millrace', 'run'], { log, env, cwd: projectRoot });
    t.after(() => child.wait('SIGKILL', 10_000));
    const ready = async () => (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
    await until(ready, { deadlineMs: 60_000, what: () => `the stream:\n${child.logTail()}` });
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);
    const pid = Number(/"pid":(\d+)/.exec(child.logTail())?.[1]);
    killAtExit(pid);
    process.kill(pid, 'SIGTERM');
    const exit = await child.wait(null, 60_000);
    forgetProcess(pid);
    assert.match(child.logTail(), /the changefeed is stopped/);
    assert.equal(exit.code, 0);
  });
});
