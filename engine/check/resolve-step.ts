import { existsSync } from 'node:fs';
import { words } from '../base/remedy.ts';
import { resolveHost, type Address } from './reach.ts';
import type { SourceStep } from './step-names.ts';
import type { Steps } from './steps.ts';

/**
 * Whether at least one server of the URL has an address.
 * @param socketFile of a server behind a Unix socket its file; null for one that is reached by TCP
 */
export async function tellResolved(
  servers: readonly Address[],
  socketFile: (server: Address) => string | null,
  steps: Steps<SourceStep>,
): Promise<boolean> {
  const found: string[] = [];
  const lost: string[] = [];
  for (const server of servers) {
    const socket = socketFile(server);
    if (socket !== null) {
      if (existsSync(socket)) found.push(`${server.host} is a Unix socket`);
      else lost.push(`there is no socket of a server at ${socket}`);
      continue;
    }
    const { addresses, reason } = await resolveHost(server.host);
    if (addresses.length > 0) found.push(`${server.host} is ${addresses.join(', ')}`);
    else lost.push(`${server.host} has no address (${reason})`);
  }
  const remedies = [words('correct the host in MILLRACE_SOURCE_URL, or its entry in DNS or /etc/hosts')];
  if (found.length === 0) steps.fail('resolve', 'SERVER_UNREACHABLE', lost.join('; '), remedies);
  else if (lost.length > 0) steps.warn('resolve', [...found, ...lost].join('; '), remedies);
  else steps.pass('resolve', found.join('; '));
  return found.length > 0;
}
