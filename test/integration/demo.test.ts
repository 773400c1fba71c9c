import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../support/paths.ts';
import { skipUnless } from '../support/skip.ts';
import { until, within } from '../support/wait.ts';

/** Ample: the demo itself ends within a minute on a quiet machine. */
const DEADLINE_MS = 300_000;

type Watch = (output: string, group: number) => void;

/** Runs the demo in a process group of its own; `watch` sees the output so far whenever more comes. */
async function demo(args: readonly string[], watch: Watch = () => {}): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/scripts/demo.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const take = (chunk: Buffer) => {
    output += chunk.toString();
    watch(output, child.pid!);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  try {
    const code = await within(new Promise<number | null>((resolve) => child.once('close', resolve)), DEADLINE_MS, 'the demo to end');
    return { code, output };
  } finally {
    child.kill('SIGKILL');
  }
}

test('the demo verifies what it shows, on Apache Kafka', { skip: skipUnless('kafka', 'postgres-18') }, async () => {
  const { code, output } = await demo(['--rows', '20000']);
  assert.equal(code, 0, output);
  assert.match(output, /Apache Kafka/);
  assert.match(
    output,
    /UPDATE shop\.products SET price = 17\.50[^\n]*\n +Kafka +\{"database":"postgres","table":"shop\.products","type":"update"/,
  );
  assert.match(output, /20,000 burst rows written, 20,000 read back/);
  assert.doesNotMatch(output, /WRONG/);
});

test('the demo on MariaDB verifies what it shows', { skip: skipUnless('mariadb') }, async () => {
  const { code, output } = await demo(['mariadb', '--rows', '20000', '--embedded']);
  assert.equal(code, 0, output);
  assert.match(output, /^MariaDB \d+\./);
  assert.match(output, /UPDATE shop\.products SET price = 17\.50[^\n]*\n +Kafka +\{"database":"shop","table":"products","type":"update"/);
  assert.match(output, /20,000 burst rows written, 20,000 read back/);
  assert.doesNotMatch(output, /WRONG/);
});

test('the demo runs on the embedded broker too, whose reader must keep up', { skip: skipUnless('postgres-18') }, async () => {
  const { code, output } = await demo(['--rows', '100000', '--embedded']);
  assert.equal(code, 0, output);
  assert.match(output, /embedded broker/);
  assert.match(output, /100,000 burst rows written, 100,000 read back/);
});

test('an engine that ends for good in the burst fails the demo', { skip: skipUnless('postgres-18') }, async () => {
  let killed = false;
  const { code, output } = await demo(['--rows', '200000', '--embedded'], (text) => {
    if (killed || !text.includes('A burst of')) return;
    killed = true;
    process.kill(Number(/millrace runs \(pid (\d+)\)/.exec(text)![1]), 'SIGKILL');
  });
  assert.ok(killed);
  assert.equal(code, 1, output);
  assert.match(output, /FAILED: the engine ended in the burst/);
});

test('what --keep leaves running ends with Ctrl-C, all of it', { skip: skipUnless('postgres-18') }, async () => {
  let interrupted = false;
  const { code, output } = await demo(['--rows', '2000', '--embedded', '--keep'], (text, group) => {
    if (interrupted || !text.includes('until Ctrl-C') || !text.includes('kcat -b')) return;
    interrupted = true;
    // As a terminal does.
    process.kill(-group, 'SIGINT');
  });
  assert.ok(interrupted, output);
  assert.equal(code, 0, output);
  assert.doesNotMatch(output, /FAILED/);
  const engine = /millrace runs \(pid (\d+)\)/.exec(output)![1]!;
  await until(() => !existsSync(`/proc/${engine}`), { what: 'the engine to be gone' });
});
