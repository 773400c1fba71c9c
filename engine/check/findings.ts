import type { Code } from '../base/codes.ts';
import type { Problem, Warning } from '../source/problems.ts';
import type { SourceStep } from './step-names.ts';
import type { Steps } from './steps.ts';

/** What was found of a start, of either kind of source and in any mode. */
export interface Findings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/** The step that finds a problem. */
const STEP_OF: Partial<Record<Code, SourceStep>> = {
  SERVER_VERSION: 'version',
  SERVER_STANDBY: 'primary',
  WAL_LEVEL: 'wal_level',
  REPLICATION_PRIVILEGE: 'privileges',
  LOGIN_REFUSED: 'privileges',
  TABLE_PRIVILEGE: 'privileges',
  WAL_SENDERS_EXHAUSTED: 'walsenders',
  SLOTS_EXHAUSTED: 'slots',
  SLOT_FOREIGN: 'slots',
  SLOT_UNSUITABLE: 'slots',
  SLOT_ACTIVE: 'slots',
  SLOT_LOST: 'slots',
  SLOT_MISSING: 'slots',
  SLOT_AHEAD: 'slots',
  POSITION_BEYOND_END: 'slots',
  TIMELINE_SWITCHED: 'slots',
  TABLES_NO_MATCH: 'tables',
  TABLE_UNSUPPORTED: 'tables',
  SIGNAL_TABLE_UNSUITABLE: 'tables',
  PUBLICATION_PRIVILEGE: 'publication',
  PUBLICATION_MISSING: 'publication',
  PUBLICATION_RECREATED: 'publication',
  PUBLICATION_INCOMPLETE: 'publication',
  BINLOG_PRIVILEGE: 'privileges',
  BINLOG_OFF: 'log_bin',
  BINLOG_FORMAT: 'binlog_format',
  BINLOG_ROW_METADATA: 'binlog_row_metadata',
  GTID_MODE: 'gtid_mode',
  SERVER_ID_TAKEN: 'server_id',
  BINLOG_PURGED: 'retention',
};

/** Takes a step: what was found against it, or that it passes. */
export function tell(step: SourceStep, { problems, warnings }: Findings, passes: string, steps: Steps<SourceStep>): void {
  for (const { code, message, remedies } of problems) {
    if (STEP_OF[code] === step) steps.fail(step, code, message, remedies);
  }
  for (const { about, message, remedies } of warnings) {
    if (about === step) steps.warn(step, message, remedies);
  }
  if (!steps.has(step)) steps.pass(step, passes);
}
