import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { now, secondsBetween } from '../measure/clock.ts';
import { reapedCpuSeconds } from '../measure/process-tree.ts';
import { SUPERUSER } from '../../test/support/postgres-install.ts';
import type { ReferenceRun } from '../support/beside-reference.ts';
import { PUBLICATION } from '../support/orders.ts';

export const REFERENCE_NAME = 'pg_recvlogical';

export interface ReferenceSettings {
  readonly binary: string;
  /** Address or, for a Unix socket, its directory. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly slot: string;
  /** Ends at this LSN, `X/X`. */
  readonly endLsn: string;
}

/**
 * Times PostgreSQL's own client, which reads the slot and throws the bytes away: what the server's sender gives over this kind of socket.
 * The clock runs from its report that streaming was initiated to its report that the end was reached, so neither connecting nor ending
 * counts.
 */
export async function runReference(settings: ReferenceSettings): Promise<ReferenceRun> {
  const cpuBefore = reapedCpuSeconds();
  const child = spawn(settings.binary, parametersOf(settings), { stdio: ['ignore', 'ignore', 'pipe'] });
  const lines: string[] = [];
  let start: bigint | null = null;
  let end: bigint | null = null;
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (line.includes('streaming initiated')) start = now();
    else if (line.includes('end position') && line.includes('reached')) end = now();
  });
  const status = await new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  if (status !== 0 || start === null || end === null) {
    throw new Error(`${REFERENCE_NAME} ended with ${status} and did not report both ends of its stream:\n${lines.join('\n')}`);
  }
  return { seconds: secondsBetween(start, end), cpuSeconds: reapedCpuSeconds() - cpuBefore };
}

function parametersOf(settings: ReferenceSettings): string[] {
  return [
    '--verbose',
    '--start',
    '--no-loop',
    '--file=/dev/null',
    `--endpos=${settings.endLsn}`,
    `--host=${settings.host}`,
    `--port=${settings.port}`,
    `--username=${SUPERUSER}`,
    `--dbname=${settings.database}`,
    `--slot=${settings.slot}`,
    '--option=proto_version=1',
    `--option=publication_names=${PUBLICATION}`,
  ];
}
