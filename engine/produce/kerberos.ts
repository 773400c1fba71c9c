import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { MillraceError } from '../base/errors.ts';

export interface KerberosOptions {
  readonly properties: Readonly<Record<string, string>>;
  /** krb5.conf; null for the system's. */
  readonly config: string | null;
  /** Where the ticket cache may lie. */
  readonly directory: string;
}

/**
 * Gives this process a Kerberos configuration and a ticket cache of its own, before its first client; does nothing for other logins.
 * librdkafka gets its tickets by the program `kinit`, which inherits the environment.
 * @throws MillraceError KAFKA_KERBEROS_MISSING, KAFKA_CREDENTIALS_INVALID
 */
export function useKerberos({ properties, config, directory }: KerberosOptions, env: NodeJS.ProcessEnv): void {
  if ((properties['sasl.mechanism'] ?? properties['sasl.mechanisms']) !== 'GSSAPI') return;
  if (!('sasl.kerberos.kinit.cmd' in properties) && !isOnPath('kinit', env['PATH'] ?? '')) {
    throw new MillraceError('KAFKA_KERBEROS_MISSING', 'the program kinit is not on the PATH of this process');
  }
  for (const file of [properties['sasl.kerberos.keytab'], config]) {
    if (file === undefined || file === null || existsSync(file)) continue;
    throw new MillraceError('KAFKA_CREDENTIALS_INVALID', `${file} is not there`, { file });
  }
  if (config !== null) env['KRB5_CONFIG'] = config;
  env['KRB5CCNAME'] = `FILE:${join(directory, 'kerberos-tickets')}`;
}

function isOnPath(program: string, path: string): boolean {
  return path.split(delimiter).some((directory) => existsSync(join(directory, program)));
}
