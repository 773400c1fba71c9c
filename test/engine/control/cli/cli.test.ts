import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from '../../../support/paths.ts';
import { cli } from './support.ts';

describe('command line', () => {
  it('shows the commands', async () => {
    const { code, stdout } = await cli(['--help']);
    assert.equal(code, 0);
    for (const command of ['run', 'status', 'check', 'objects', 'options', 'slot', 'position', 'version'])
      assert.match(stdout, new RegExp(`^ {2}${command} `, 'm'));
  });

  it('has help for every command', async () => {
    for (const command of [
      'run',
      'status',
      'check',
      'objects',
      'options',
      'slot',
      'slot list',
      'slot drop',
      'position',
      'position show',
      'position reset',
      'version',
    ]) {
      const { code, stdout } = await cli([...command.split(' '), '--help']);
      assert.equal(code, 0, command);
      assert.match(stdout, new RegExp(`Usage: millrace ${command}`));
    }
    assert.match((await cli(['run', '--help'])).stdout, /MILLRACE_SOURCE_URL {2}--source-url/);
  });

  it('exits 2 for what it does not know', async () => {
    assert.equal((await cli(['rnu'])).code, 2);
    assert.match((await cli(['rnu'])).stderr, /unknown command 'rnu'/);
    assert.equal((await cli([])).code, 2);
  });

  it('exits 2 with every problem of the configuration', async () => {
    const { code, stderr, stdout } = await cli(['run', '--topic', 'a b', '--slot-adpot'], { MILLRACE_WORKERS: 'many' });
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^CONFIG_INVALID: the configuration has 7 problems:\n/);
    assert.match(stderr, /--slot-adpot is not an option; did you mean --slot-adopt\?/);
    assert.match(stderr, /docs\/errors\.md#config_invalid\n$/);
  });

  it('passes words through to the options as they are', async () => {
    const { stderr } = await cli(['run', '--kafka', 'acks=1', '--kafka=group.id=x', '--workers=0', 'stray']);
    assert.match(stderr, /--kafka acks: acks is not passed through/);
    assert.match(stderr, /--kafka group\.id: /);
    assert.match(stderr, /--workers: given "0"/);
    assert.match(stderr, /argument 5: accepted: --name value/);
  });
});

describe('millrace', () => {
  const entry = join(projectRoot, 'dist/engine/main.js');

  it('prints its own version as any program does', () => {
    const { status, stdout } = spawnSync(process.execPath, [entry, '--version'], { encoding: 'utf8' });
    const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
    assert.deepEqual({ status, stdout }, { status: 0, stdout: `${version}\n` });
  });

  it('prints the versions of its parts', () => {
    const { status, stdout } = spawnSync(process.execPath, [entry, 'version'], { encoding: 'utf8' });
    const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
    assert.equal(status, 0);
    assert.match(
      stdout,
      new RegExp(
        `^millrace ${version.replaceAll('.', '\\.')}\nnode ${process.versions.node.replaceAll('.', '\\.')}\nlibrdkafka \\S+\ntzdata 20\\d\\d[a-z]\n$`,
      ),
    );
  });

  it('is a program with the exit codes of its commands', () => {
    const { status, stderr } = spawnSync(process.execPath, [entry, 'run'], { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
    assert.equal(status, 2);
    assert.match(stderr, /^CONFIG_INVALID: /);
    assert.ok(readFileSync(entry, 'utf8').startsWith('#!/usr/bin/env node\n'));
  });
});
