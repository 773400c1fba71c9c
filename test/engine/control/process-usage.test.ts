import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { residentBytesOf, threadsOf } from '../../../engine/control/process-usage.ts';
import { until } from '../../support/wait.ts';

test('a process shows its threads with their time, and its memory', async (t) => {
  // A name with a blank and a bracket: the kernel writes it as it is.
  const child = spawn(process.execPath, ['-e', "process.title = 'a) (b'; for (;;);"], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  const busy = () => threadsOf(child.pid!).find(({ name, cpuSeconds }) => name === 'main' && cpuSeconds >= 0.1);
  const main = await until(busy, { what: 'a tenth of a second on a processor' });
  assert.equal(main.id, child.pid);
  assert.ok(threadsOf(child.pid!).length > 1, 'Node has helpers');
  const bytes = residentBytesOf(child.pid!)!;
  assert.ok(bytes > 10e6 && bytes < 1e9, `${bytes} bytes`);
});

test('a process that is gone has neither', async () => {
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await once(child, 'close');
  assert.deepEqual(threadsOf(child.pid!), []);
  assert.equal(residentBytesOf(child.pid!), null);
});
