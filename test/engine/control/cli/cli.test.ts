import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runCli } from '../../../../engine/control/cli/cli.ts';
import { OPTIONS } from '../../../../engine/control/config/options.ts';
import { projectRoot } from '../../../support/paths.ts';
import { MINIMAL } from '../config/support.ts';

interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function cli(argv: readonly string[], env: Record<string, string> = {}): Promise<Printed> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(argv, {
    env,
    cwd: '/work',
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    terminal: false,
  });
  return { code, stdout, stderr };
}

describe('command line', () => {
  it('shows the commands', async () => {
    const { code, stdout } = await cli(['--help']);
    assert.equal(code, 0);
    for (const command of ['run', 'options', 'version']) assert.match(stdout, new RegExp(`^ {2}${command} `, 'm'));
  });

  it('has help for every command', async () => {
    for (const command of ['run', 'options', 'version']) {
      const { code, stdout } = await cli([command, '--help']);
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

describe('millrace options', () => {
  it('lists every option with flag, default, meaning and what is accepted', async () => {
    const { code, stdout } = await cli(['options']);
    assert.equal(code, 0);
    for (const { name } of Object.values(OPTIONS)) assert.ok(stdout.includes(`\n  MILLRACE_${name}  --${name.toLowerCase().replaceAll('_', '-')}\n`), name);
    assert.match(stdout, /MILLRACE_MEMORY {2}--memory\n {6}size; default: 160MB\n/);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 104, line);
  });

  it('lists them as JSON', async () => {
    const entries = JSON.parse((await cli(['options', '--json'])).stdout) as { variable: string; secret: boolean; required: boolean }[];
    assert.equal(entries.length, Object.keys(OPTIONS).length);
    assert.deepEqual(entries.filter(({ secret }) => secret).map(({ variable }) => variable), ['MILLRACE_SOURCE_URL', 'MILLRACE_SOURCE_PASSWORD']);
  });

  it('shows the values in force, where they come from, and no secret', async () => {
    const env = { ...MINIMAL, MILLRACE_KAFKA_SASL_PASSWORD: 'hunter22', MILLRACE_KAFKA_SASL_USERNAME: 'app' };
    const { code, stdout } = await cli(['options', '--values', '--workers', '3'], env);
    assert.equal(code, 0);
    assert.match(stdout, /^MILLRACE_SOURCE_URL +\*\*\* {2}\[MILLRACE_SOURCE_URL\]$/m);
    assert.match(stdout, /^MILLRACE_WORKERS +3 {2}\[--workers\]$/m);
    assert.match(stdout, /^MILLRACE_MEMORY +160000000 {2}\[default\]$/m);
    assert.match(stdout, /^MILLRACE_SLOT +\(millrace_ and the changefeed\) {2}\[default\]$/m);
    assert.match(stdout, /^sasl\.password +\*\*\* {2}\[passed through to librdkafka\]$/m);
    assert.match(stdout, /^sasl\.username +app /m);
    assert.doesNotMatch(stdout, /hunter22|s3cret-word/);
  });

  it('shows values that are not accepted as problems, with exit code 2', async () => {
    const { code, stderr } = await cli(['options', '--values', '--workers', '0']);
    assert.equal(code, 2);
    assert.match(stderr, /--workers: given "0"/);
  });
});

describe('millrace', () => {
  const entry = join(projectRoot, 'dist/engine/main.js');

  it('prints the versions of its parts', () => {
    const { status, stdout } = spawnSync(process.execPath, [entry, 'version'], { encoding: 'utf8' });
    const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^millrace ${version.replaceAll('.', '\\.')}\nnode ${process.versions.node.replaceAll('.', '\\.')}\nlibrdkafka \\S+`));
  });

  it('is a program with the exit codes of its commands', () => {
    const { status, stderr } = spawnSync(process.execPath, [entry, 'run'], { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
    assert.equal(status, 2);
    assert.match(stderr, /^CONFIG_INVALID: /);
    assert.ok(readFileSync(entry, 'utf8').startsWith('#!/usr/bin/env node\n'));
  });
});
