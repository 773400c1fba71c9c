import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runLogged } from './report.mjs';

const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const STAMP = 'pom.sha256';

/** Major version of the `java` in PATH; null when there is none, or no Maven. */
export function javaVersion() {
  try {
    execFileSync('mvn', ['--version'], { stdio: 'ignore' });
    const text = execFileSync('java', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Number(text.match(/^\S+ (\d+)/)?.[1] ?? 0);
  } catch {
    return null;
  }
}

/** Whether `directory` was filled from this very pom. */
export function isFilled(directory, pom) {
  const stamp = join(directory, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOf(pom);
}

/**
 * Fills `directory` by a goal of Maven's dependency plugin, whole or not at all. `goal(draft)` returns the goal and its settings,
 * `finish(draft)` makes of what came what is wanted. Returns whether Maven could fetch it.
 */
export async function fillByMaven(name, directory, pom, goal, finish = async () => undefined) {
  const draft = `${directory}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const [first, ...settings] = goal(draft);
  const args = ['--batch-mode', '--quiet', '--file', pom, `${PLUGIN}:${first}`, ...settings];
  if ((await runLogged(name, 'mvn', args, { keepGoing: true })) !== 0) return false;
  await finish(draft);
  writeFileSync(join(draft, STAMP), digestOf(pom));
  rmSync(directory, { recursive: true, force: true });
  renameSync(draft, directory);
  return true;
}

function digestOf(pom) {
  return createHash('sha256').update(readFileSync(pom)).digest('hex');
}
