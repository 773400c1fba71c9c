import type { Remedy } from '../base/remedy.ts';
import { isLocal } from './reach.ts';
import type { SourceStep } from './step-names.ts';
import type { Steps } from './steps.ts';

/** How the connection to the database is protected. */
export interface Encryption {
  /** `TLSv1.3`; null without TLS. */
  readonly version: string | null;
  readonly host: string;
  /** What asked for it: `sslmode=verify-full`. */
  readonly mode: string;
  /** What the URL leaves unverified. */
  readonly warnings: readonly string[];
  /** What has everything verified. */
  readonly verified: Remedy;
}

export function tellEncryption({ version, host, mode, warnings, verified }: Encryption, steps: Steps<SourceStep>): void {
  if (warnings.length > 0) return steps.warn('tls', `${version ?? 'not encrypted'}; ${warnings.join('; ')}`, [verified]);
  if (version !== null) return steps.pass('tls', `${version}, ${mode}`);
  const found = exposure(host);
  if (found === null) return steps.pass('tls', 'not encrypted, and does not leave this machine');
  steps.warn('tls', found, [verified]);
}

/** What an unencrypted connection to this host gives away; null when it stays on this machine. */
export function exposure(host: string): string | null {
  if (isLocal(host)) return null;
  return `the connection to ${host} is not encrypted: whoever is in between reads the rows`;
}
