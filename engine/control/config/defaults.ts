import type { KeyFormat } from '../../dispatch/key.ts';
import type { PartitionHash } from '../../dispatch/partition.ts';
import type { PartitionBy } from '../../dispatch/placement.ts';
import type { MaxwellOptions } from '../../encode/encoder.ts';
import type { OptionValues } from './options.ts';
import { kindOfUrl } from './source-url.ts';

/** What is taken where nothing was given, and the source and the format together decide. */
interface Defaults {
  readonly old: MaxwellOptions['old'];
  readonly primaryKeys: boolean;
  readonly xoffset: boolean;
  readonly keyFormat: KeyFormat;
  readonly partitionBy: PartitionBy;
  readonly partitionHash: PartitionHash;
}

const OWN: Defaults = {
  old: 'key',
  primaryKeys: true,
  xoffset: false,
  keyFormat: 'primary_key',
  partitionBy: 'key',
  partitionHash: 'murmur2',
};

/** Maxwell's, so that its consumers need not be changed. */
const AS_MAXWELL: Defaults = {
  old: 'changed',
  primaryKeys: false,
  xoffset: true,
  keyFormat: 'hash',
  partitionBy: 'database',
  partitionHash: 'default',
};

/** The defaults of a changefeed. Messages of MariaDB and MySQL in maxwell are as those of Maxwell itself, which reads nothing else. */
export function defaultsOf({ sourceUrl, format }: Pick<OptionValues, 'sourceUrl' | 'format'>): Defaults {
  return kindOfUrl(sourceUrl) === 'binlog' && format === 'maxwell' ? AS_MAXWELL : OWN;
}
