import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { cutConnections, flush, produce } from '../../native-bridge/index.ts';
import { until } from '../support/wait.ts';
import { startCluster, startProducer } from './fixture.ts';

test('connections that are cut send nothing of what is queued, and no other is opened', async (t) => {
  const cluster = startCluster(t);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{}]), 0), 1);
  assert.equal(await flush(handle, 30_000), true);
  cutConnections(handle);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{}]), 0), 1);
  assert.equal(await flush(handle, 1_000), false);
  assert.deepEqual(table.totals, { delivered: 1, failed: 0, purged: 0, inFlight: 1 });
});

/** What becomes of the message of a process that stood still for two seconds, in which its broker came back. */
async function afterPause(t: TestContext, limitMs: number): Promise<string> {
  const cluster = startCluster(t);
  cluster.setBrokerDown(1);
  const fixture = join(import.meta.dirname, 'pause-fixture.js');
  const child = spawn(process.execPath, [fixture, cluster.bootstrapServers, String(limitMs)], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  await until(() => told === 'queued\n', { what: 'the message to be queued' });
  child.kill('SIGSTOP');
  await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8')), { what: 'the process to stop' });
  const stoppedAt = performance.now();
  await until(() => performance.now() - stoppedAt > 2_000, { what: 'the pause to be long enough' });
  cluster.setBrokerUp(1);
  child.kill('SIGCONT');
  child.stdin.write('\n');
  await until(() => told !== 'queued\n', { what: 'the end of the process' });
  return told.replace('queued\n', '').trim();
}

test('a process that stood still for too long sends nothing of what is queued', async (t) => {
  assert.equal(await afterPause(t, 1_000), 'kept');
});

test('one that did not sends it', async (t) => {
  assert.equal(await afterPause(t, 3_600_000), 'sent');
});
