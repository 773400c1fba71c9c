import fc from 'fast-check';
import { quoted, type MatrixType } from './matrix-type.ts';

const INET6S = [
  '::',
  '::1',
  '1::',
  '::ffff:192.168.0.1',
  '::192.168.0.1',
  '2001:db8::ff00:42:8329',
  'fe80::',
  '1:0:2:3:4:5:6:7',
  '1:0:0:2:0:0:0:3',
  '::0.0.1.0',
  '1:2:3:4:5:6:7:0',
];
const UUIDS = [
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '123e4567-e89b-12d3-a456-426655440000',
  '018c2e65-4b6b-7000-8000-000000000000',
  '6ba7b810-9dad-41d1-80b4-00c04fd43000',
];

/** What MariaDB's plug-ins make of BINARY. */
export const ADDRESSES_AND_UUIDS: readonly MatrixType[] = [
  { declared: 'inet6', values: INET6S.map(quoted), random: fc.ipV6().map(quoted), meaning: 'inet6', servers: ['mariadb'] },
  {
    declared: 'inet4',
    values: ['0.0.0.0', '255.255.255.255', '10.0.0.0', '192.168.1.20'].map(quoted),
    random: fc.ipV4().map(quoted),
    meaning: 'inet4',
    servers: ['mariadb'],
  },
  {
    declared: 'uuid',
    values: UUIDS.map(quoted),
    random: fc.uuid({ version: [1, 4, 7] }).map(quoted),
    meaning: 'uuid',
    servers: ['mariadb'],
  },
];
