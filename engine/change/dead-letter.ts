import type { Code } from '../base/codes.ts';
import { MillraceError } from '../base/errors.ts';

/**
 * What makes a row a dead letter, where a topic for them is given: errors that are about one row alone, so that another row of the same
 * table goes on. Everything else stops the changefeed as ever.
 */
export const DEAD_LETTER_REASONS = [
  'MESSAGE_TOO_LARGE',
  'ROW_TOO_LARGE',
  'KEY_TOO_LARGE',
  'PARTITION_VALUES_TOO_LARGE',
  'KEY_COLUMN_UNKNOWN',
  'VALUE_INVALID',
  'DELETE_WITHOUT_KEY',
  'TEXT_NOT_UTF8',
] as const satisfies readonly Code[];
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** The reason that an error gives; null for one that is not about a row alone. */
export function deadLetterReason(error: unknown): DeadLetterReason | null {
  if (!(error instanceof MillraceError)) return null;
  return DEAD_LETTER_REASONS.find((reason) => reason === error.code) ?? null;
}

/** `maxwell`: the value is Maxwell's, the row lies in a header. `row`: the value is the row. */
export type DeadLetterForm = 'maxwell' | 'row';

/** Where dead letters of a table go, and what they say of where its rows go. */
export interface DeadLetterRoute {
  readonly changefeed: string;
  readonly form: DeadLetterForm;
  /** Index in the producer handle, partitions, target of partition 0: as of any topic. */
  readonly index: number;
  readonly partitions: number;
  readonly targetBase: number;
  /** Largest letter: key, value and headers. */
  readonly bytesMax: number;
  /** Names of the topics of rows, by `Operation`. */
  readonly topics: readonly string[];
}

/** Names of a dead letter's headers; all values are text, but that of `data`. */
export const LetterHeader = {
  changefeed: 'millrace.changefeed',
  /** A `DeadLetterReason`. */
  reason: 'millrace.reason',
  message: 'millrace.message',
  /** Where the row lies in the log; of a row of a snapshot, where the snapshot does. */
  position: 'millrace.position',
  database: 'millrace.database',
  /** `schema.table` */
  table: 'millrace.table',
  /** `insert`, `update`, `delete` */
  operation: 'millrace.operation',
  /** The message's key as text, cut when it is long; left out for a row without one, or when it is not known. */
  key: 'millrace.key',
  /** Where the message would have gone; without a partition when that is not known. */
  topic: 'millrace.topic',
  partition: 'millrace.partition',
  /** End of that partition when the row's turn came: rows of it that came before lie below, those that come later do not. */
  offset: 'millrace.offset',
  /** ISO 8601, UTC. */
  time: 'millrace.time',
  /** Bytes of the whole row. */
  bytes: 'millrace.bytes',
  /** `row`: all of it is there. `head`: its first bytes are. */
  content: 'millrace.content',
  /** JSON of `LetterRow`, beside a whole row. */
  row: 'millrace.row',
  /** The row's bytes, where the value is Maxwell's. */
  data: 'millrace.data',
} as const;

/** Most bytes of a row that are kept when the whole row does not fit. */
export const LETTER_HEAD_BYTES = 65_536;
