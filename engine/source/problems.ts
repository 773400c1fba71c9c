import type { Code } from '../base/codes.ts';
import { MillraceError, type ErrorDetails } from '../base/errors.ts';
import type { Remedy } from '../base/remedy.ts';

/** One thing that stands in the way of a start, found while others are still looked for. */
export interface Problem {
  readonly code: Code;
  /** What was found, what is needed, and the statement or command that brings it about. */
  readonly message: string;
  readonly details: ErrorDetails;
  /** What mends it, in this order. */
  readonly remedies: readonly Remedy[];
}

/** Something to tell that stands in nobody's way. */
export interface Warning {
  readonly about: WarningSubject;
  readonly message: string;
  readonly remedies: readonly Remedy[];
}

/** What a warning is about, by the names of the steps of `millrace check`. */
export type WarningSubject =
  | 'version'
  | 'slots'
  | 'max_slot_wal_keep_size'
  | 'wal_sender_timeout'
  | 'tables'
  | 'partitions'
  | 'replica_identity'
  | 'publication'
  | 'binlog_row_image'
  | 'binlog_row_value_options'
  | 'binlog_checksum'
  | 'log_replica_updates'
  | 'binlog_databases'
  | 'gtid_mode';

export function problem(code: Code, message: string, details: ErrorDetails = {}, remedies: readonly Remedy[] = []): Problem {
  return { code, message, details, remedies };
}

export function warning(about: WarningSubject, message: string, remedies: readonly Remedy[] = []): Warning {
  return { about, message, remedies };
}

/**
 * Throws when there are problems: a single one under its own code, several under `PREFLIGHT_FAILED` with all of them listed,
 * so that an operator mends a server once and not six times.
 */
export function raiseProblems(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw new MillraceError(first.code, first.message, first.details);
  const list = problems.map(({ code, message }, index) => `${index + 1}. [${code}] ${message}`);
  const codes = problems.map(({ code }) => code).join(' ');
  throw new MillraceError('PREFLIGHT_FAILED', `${problems.length} things stand in the way:\n${list.join('\n')}`, { codes });
}

/** The first few of many names, for messages: `a, b and 7 more`. */
export function nameSome(names: readonly string[], limit = 20): string {
  if (names.length <= limit) return names.join(', ');
  return `${names.slice(0, limit).join(', ')} and ${names.length - limit} more`;
}
