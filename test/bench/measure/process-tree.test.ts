import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { onCpuNanoseconds, parsePeakMemory, parseProcessStat, parseShared, ProcessTree } from '../../../bench/measure/process-tree.ts';
import { until } from '../../support/wait.ts';

test('a command with blanks and parentheses does not shift the fields', () => {
  const line = '4242 (a) b (c)) S 17 1 1 0 -1 4194560 1 2 3 4 250 130 20 7 20 0 11 0 999 123 456';
  assert.deepEqual(parseProcessStat(line), { pid: 4242, parent: 17, ownTicks: 380, reapedTicks: 27 });
});

test('peak memory is VmHWM in bytes, 0 for a process without memory', () => {
  assert.equal(parsePeakMemory('Name:\tnode\nVmPeak:\t  900 kB\nVmHWM:\t  123456 kB\nVmRSS:\t 100 kB\n'), 123_456 * 1024);
  assert.equal(parsePeakMemory('Name:\tnode\nState:\tZ (zombie)\n'), 0);
});

test('shared memory is Pss in bytes, and of the whole tree', () => {
  assert.equal(parseShared('Rss:  900 kB\nPss:\t  123456 kB\nPss_Anon: 7 kB\n'), 123_456 * 1024);
  assert.equal(parseShared(''), 0);
  assert.ok(new ProcessTree(process.pid).sharedBytes() > 10e6);
});

test('CPU and memory of children count, also after they have ended', async (t) => {
  const work = 'const end = process.cpuUsage().user + 200000; while (process.cpuUsage().user < end);';
  const parent = `const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(work)}]);
    child.on("exit", () => console.log("done")); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const tree = new ProcessTree(child.pid!);
  let ended = false;
  child.stdout.once('data', () => (ended = true));
  await until(() => tree.pids().length === 2, { what: 'the child of the child' });
  tree.sampleMemory();
  const both = tree.peakBytes;
  await until(() => ended && tree.pids().length === 1, { what: 'the child to end' });
  assert.ok(tree.cpuSeconds() >= 0.2, `${tree.cpuSeconds()} s`);
  tree.sampleMemory();
  assert.ok(tree.peakBytes >= both && both > 20e6, `${both} bytes`);
});

test('time on a processor grows by what a process works, in nanoseconds', () => {
  const before = onCpuNanoseconds(process.pid);
  const end = process.cpuUsage().user + 50_000;
  while (process.cpuUsage().user < end);
  const grown = onCpuNanoseconds(process.pid) - before;
  assert.ok(grown >= 45_000_000n, `${grown} ns`);
});
