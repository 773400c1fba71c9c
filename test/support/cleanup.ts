import { rmSync } from 'node:fs';

/** What must be gone when this process ends, however it ends: servers first, then the directories that they write to. */
const processes = new Set<number>();
const directories = new Set<string>();
let installed = false;

/** Has `pid` killed when this process ends; `forgetProcess` once it has been waited for. */
export function killAtExit(pid: number): void {
  install();
  processes.add(pid);
}

/** The process has ended and been waited for: its number may soon belong to somebody else. */
export function forgetProcess(pid: number): void {
  processes.delete(pid);
}

/** Has `path` removed, with all in it, when this process ends. */
export function removeAtExit(path: string): void {
  install();
  directories.add(path);
}

/** Removes a directory that `removeAtExit` knows now rather than at the end. */
export function removeNow(path: string): void {
  directories.delete(path);
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}

function install(): void {
  if (installed) return;
  installed = true;
  process.on('exit', cleanUp);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      cleanUp();
      // With its only handler gone the signal has its default effect, and the parent sees the right exit status.
      process.kill(process.pid, signal);
    });
  }
}

function cleanUp(): void {
  for (const pid of processes) kill(pid);
  processes.clear();
  if (process.env['MILLRACE_TEST_KEEP'] === '1') return;
  for (const path of directories) {
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }
  directories.clear();
}

function kill(pid: number): void {
  try {
    // A stopped process (SIGSTOP) dies of SIGKILL too.
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
