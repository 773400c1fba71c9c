import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { skipUnless } from './skip.ts';
import { removeNow } from './cleanup.ts';
import { until } from './wait.ts';

const PROGRAM = `
  import { startPostgres } from ${JSON.stringify(new URL('./postgres.js', import.meta.url).href)};
  const server = await startPostgres({ version: '15' });
  process.stdout.write(server.pid + ' ' + server.socketDir + '\\n');
  setInterval(() => undefined, 1000);
`;

/** Starts a server in a process of its own, ends that process by `signal` and returns what was left to watch. */
async function orphan(signal: NodeJS.Signals): Promise<{ pid: number; directory: string }> {
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(starter.stdout), 'line')) as [string];
  const [pid, directory] = line.split(' ') as [string, string];
  starter.kill(signal);
  const [, endedBy] = (await once(starter, 'exit')) as [unknown, unknown];
  assert.equal(endedBy, signal, 'the parent sees the signal');
  return { pid: Number(pid), directory };
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('an interrupted process takes its servers and their data along', { skip: skipUnless('postgres-15') }, async () => {
  const { pid, directory } = await orphan('SIGINT');
  await until(() => !isRunning(pid), { what: 'the server to end' });
  assert.equal(existsSync(directory), false);
});

test('a killed process takes its servers along', { skip: skipUnless('postgres-15') }, async () => {
  const { pid, directory } = await orphan('SIGKILL');
  await until(() => !isRunning(pid), { what: 'the server to end' });
  removeNow(directory);
});
