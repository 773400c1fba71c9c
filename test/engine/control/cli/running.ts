import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';
import { MINIMAL } from '../config/support.ts';
import type { Step } from '../stand-in-capture.ts';

const ENTRY = fileURLToPath(new URL('./run-with-stand-in.js', import.meta.url));
const PASSWORDS = { MILLRACE_KAFKA_SASL_PASSWORD: 'kafka-w0rd-1', PGPASSWORD: 'pg-w0rd-2' };
const LOGIN = { MILLRACE_SASL_MECHANISM: 'SCRAM-SHA-512', MILLRACE_SASL_USERNAME: 'app' };
/** Secrets that each run has. */
export const SECRETS = ['s3cret-word', ...Object.values(PASSWORDS)];

export interface Run {
  readonly pid: number;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly text: () => string;
  readonly entries: () => Record<string, unknown>[];
  readonly kill: (signal: NodeJS.Signals) => boolean;
  readonly capturePid: () => number;
}

/** Runs the service with the stand-in as its capture, which does what `lives` says; it is killed with the test. */
export function start(
  t: TestContext,
  lives: readonly (readonly Step[])[],
  env: Record<string, string> = {},
  argv: readonly string[] = [],
): Run {
  const stateDir = tempDir(t);
  writeFileSync(join(stateDir, 'lives.json'), JSON.stringify(lives));
  const variables = { ...MINIMAL, ...LOGIN, ...PASSWORDS, MILLRACE_STATE_DIR: stateDir, MILLRACE_HTTP_ADDRESS: '127.0.0.1:0', ...env };
  const child = spawn(process.execPath, [ENTRY, ...argv], {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const born = join(stateDir, 'born');
  return {
    pid: child.pid!,
    exit: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal }))),
    text: () => text,
    entries: () =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    kill: (signal) => child.kill(signal),
    capturePid: () => (existsSync(born) ? (JSON.parse(readFileSync(born, 'utf8').split('\n')[0]!) as { pid: number }).pid : 0),
  };
}

/** Waits until the log has this. */
export async function logged(run: Run, message: string): Promise<void> {
  await until(() => run.text().includes(message), { what: () => `"${message}" in ${run.text()}` });
}
