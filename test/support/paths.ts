import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The directory with package.json, found from this file both in the sources and in dist/. */
export const projectRoot: string = findRoot(import.meta.dirname);

function findRoot(start: string): string {
  for (let path = start; path !== dirname(path); path = dirname(path)) {
    if (existsSync(join(path, 'package-lock.json'))) return path;
  }
  throw new Error(`no package-lock.json above ${start}`);
}

/** What is worth keeping between runs: server jars, initialised data directories, certificates. Safe to delete at any time. */
export const cacheRoot: string = join(projectRoot, '.cache');

/**
 * The directory `.cache/<name>`, made by `fill` when it does not exist yet. Several may ask at once, in one process and in many:
 * each call fills a directory of its own, the first to finish gives its to all.
 */
export async function cachedDirectory(name: string, fill: (path: string) => Promise<void>): Promise<string> {
  const path = join(cacheRoot, name);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const draft = mkdtempSync(`${path}.draft-`);
  try {
    await fill(draft);
    if (!existsSync(path)) renameSync(draft, path);
  } catch (error) {
    // Losing the race leaves the winner's directory there; anything else is an error.
    if (!existsSync(path)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return path;
}
