import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, projectRoot } from './paths.mjs';

/** A failure whose message says all there is to say. */
export class SetupError extends Error {}

const started = performance.now();
const notes = [];
const running = new Set();
let worked = false;

process.once('exit', () => {
  for (const child of running) if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
});

/** A line of progress with the seconds since the start. Nothing is printed when there is nothing to do. */
export function progress(text) {
  worked = true;
  const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`setup ${seconds} s  ${text}\n`);
}

/** Something that is missing but not needed to go on; printed at the end. */
export function note(text) {
  notes.push(text);
}

/** The last words. */
export function finish() {
  for (const text of notes) process.stderr.write(`setup: ${text}\n`);
  if (worked) progress('ready');
}

/**
 * Runs a command from the project's root, its output in `.cache/setup-<name>.log`. Rejects with the end of that log.
 * `options.keepGoing` returns the status instead.
 */
export async function runLogged(name, command, args, options = {}) {
  const logFile = join(cacheRoot, `setup-${name}.log`);
  const log = openSync(logFile, 'w');
  // In a group of its own, so that the compilers below a `make` end with us too.
  const child = spawn(command, args, { cwd: projectRoot, stdio: ['ignore', log, log], detached: true, ...options.spawn });
  closeSync(log);
  running.add(child);
  const status = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  running.delete(child);
  if (status === 0 || options.keepGoing) return status;
  const end = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-40).join('\n');
  throw new SetupError(`${command} ${args.join(' ')} failed (${status}).\n${end}\nThe whole output is in ${logFile}.`);
}
