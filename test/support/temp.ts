import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { removeAtExit, removeNow } from './cleanup.ts';

/**
 * A new empty directory, removed after the test `t`, or without one when the process ends (also by a signal).
 * `MILLRACE_TEST_KEEP=1` keeps those of processes that end.
 */
export function tempDir(t?: Pick<TestContext, 'after'>, prefix = 'millrace-'): string {
  const path = mkdtempSync(join(tmpdir(), prefix));
  removeAtExit(path);
  t?.after(() => removeNow(path));
  return path;
}
