import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheRoot } from './paths.mjs';
import { progress } from './report.mjs';

const LOCK_FILE = join(cacheRoot, 'setup.lock');

/** Runs `work` while no other setup of this directory runs. A lock whose process is gone is taken over. */
export async function takeTurn(work) {
  let told = false;
  while (!lock()) {
    if (!told) progress(`waiting for the setup that runs as process ${holder()}`);
    told = true;
    await delay(200);
  }
  process.once('exit', unlock);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  await work();
}

function lock() {
  try {
    const file = openSync(LOCK_FILE, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const pid = holder();
  // An empty file is a lock being written.
  if (pid === null || isAlive(pid)) return false;
  rmSync(LOCK_FILE, { force: true });
  return lock();
}

function holder() {
  try {
    return Number(readFileSync(LOCK_FILE, 'utf8')) || null;
  } catch {
    return null;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function unlock() {
  rmSync(LOCK_FILE, { force: true });
}
