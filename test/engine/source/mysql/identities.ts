import type { ServerIdentity } from '../../../../engine/source/mysql/identity.ts';

/** A MariaDB that is set up as it should be, but for what is given. */
export function identity(given: Partial<ServerIdentity> = {}): ServerIdentity {
  return {
    flavor: 'mariadb',
    version: '10.11.19-MariaDB-log',
    versionNumber: 1011,
    serverId: 7,
    serverUuid: '',
    account: "'repl'@'%'",
    hasBinlog: true,
    binlogFormat: 'ROW',
    rowImage: 'FULL',
    rowMetadata: 'FULL',
    rowValueOptions: '',
    checksum: 'CRC32',
    logsReplicated: true,
    hasReplicated: false,
    gtidMode: '',
    gtidState: '',
    gtidPurged: '',
    expireSeconds: 0,
    ...given,
  };
}
