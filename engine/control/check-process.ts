import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MillraceError, fromErrorRecord } from '../base/errors.ts';
import type { CheckReply, CheckRequest } from '../check/process-messages.ts';
import type { Step } from '../check/steps.ts';
import { captureEnvironment } from './capture-process.ts';

/** Its emitted entry. */
const CHECK_FILE = fileURLToPath(new URL('../check/process.js', import.meta.url));
/** A database or a broker that does not answer is waited for less long. */
const CHECK_MS = 60_000;

/**
 * Takes the steps of `millrace check` in a process of its own, and returns them.
 * @throws MillraceError `CHECK_DIED`, and what lets the check see nothing
 */
export function checkApart(request: CheckRequest): Promise<readonly Step[]> {
  return new Promise((resolve, reject) => {
    const child = fork(CHECK_FILE, [], { env: captureEnvironment(process.env), stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const late = setTimeout(() => child.kill('SIGKILL'), CHECK_MS);
    child.on('message', (reply: CheckReply) => ('steps' in reply ? resolve(reply.steps) : reject(fromErrorRecord(reply.error))));
    child.on('error', (error) => reject(died(error.message)));
    child.on('close', (code, signal) => {
      clearTimeout(late);
      reject(died(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    child.send(request, () => {});
  });
}

function died(how: string): MillraceError {
  return new MillraceError('CHECK_DIED', `the process that checks the new configuration ended without an answer (${how})`);
}
