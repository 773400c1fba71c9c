import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { SUPERUSER } from '../../test/support/postgres-install.ts';
import { now, secondsBetween } from '../measure/clock.ts';
import { reapedCpuSeconds } from '../measure/process-tree.ts';
import type { ReferenceRun } from '../support/beside-reference.ts';
import type { BenchDatabase, Socket } from '../support/database.ts';

export const REFERENCE_NAME = 'psql COPY';

/** Times psql, which reads the same table by one COPY in text form and throws it away. Connecting counts: a few milliseconds. */
export async function runCopy({ server, name }: BenchDatabase, socket: Socket): Promise<ReferenceRun> {
  const host = socket === 'tcp' ? server.host : server.socketDir;
  const target = [`--host=${host}`, `--port=${server.port}`, `--username=${SUPERUSER}`, `--dbname=${name}`];
  const cpuBefore = reapedCpuSeconds();
  const nowhere = openSync('/dev/null', 'w');
  const start = now();
  const child = spawn(server.program('psql'), ['--no-psqlrc', ...target, '--command=COPY orders TO STDOUT'], {
    stdio: ['ignore', nowhere, 'inherit'],
  });
  const status = await new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  closeSync(nowhere);
  if (status !== 0) throw new Error(`psql ended with ${status}`);
  return { seconds: secondsBetween(start, now()), cpuSeconds: reapedCpuSeconds() - cpuBefore };
}
