import { join } from 'node:path';
import { projectRoot } from './paths.ts';

/** The captured logs and what Maxwell made of them: test/fixtures/maxwell/README.md. */
export const MAXWELL_FIXTURES = join(projectRoot, 'test/fixtures/maxwell');
/** The file of the captured logs, as messages name it in their positions. */
export const LOG_FILE = 'binlog.000001';
/** Its row comes last. */
export const LAST_TABLE = 'last';

/** Databases of the captured log: every type, a random history, and changes of every kind with two that stand beside them. */
const ALL = ['types', 'random', 'shop', 'odd-näme'] as const;
const CHANGES = ['shop', 'odd-näme'] as const;

/** One reading of the log by Maxwell. Its options have the same names in both, `MILLRACE_` and upper case apart. */
export interface MaxwellRun {
  readonly name: string;
  readonly databases: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** Maxwell keeps its place by GTID, without which it does not know them. */
  readonly isByGtid?: true;
  readonly flavors: readonly ('mariadb' | 'mysql')[];
}

const BOTH = ['mariadb', 'mysql'] as const;

export const MAXWELL_RUNS: readonly MaxwellRun[] = [
  { name: 'defaults', databases: ALL, options: {}, flavors: BOTH },
  {
    name: 'everything',
    databases: CHANGES,
    options: {
      output_binlog_position: 'true',
      output_server_id: 'true',
      output_thread_id: 'true',
      output_primary_keys: 'true',
      output_primary_key_columns: 'true',
    },
    flavors: BOTH,
  },
  {
    name: 'less',
    databases: CHANGES,
    options: { output_commit_info: 'false', output_nulls: 'false', output_null_zerodates: 'true', exclude_columns: 'note, /.*_name/' },
    flavors: BOTH,
  },
  {
    name: 'camel-case',
    databases: CHANGES,
    options: {
      output_xoffset: 'false',
      output_server_id: 'true',
      output_primary_keys: 'true',
      output_naming_strategy: 'underscore_to_camelcase',
    },
    flavors: BOTH,
  },
  { name: 'gtid', databases: CHANGES, options: { output_gtid_position: 'true' }, isByGtid: true, flavors: ['mysql'] },
];
