import { CODES, type Action, type Code } from './codes.ts';

/** What an error is about, for logs, the API and the dead-letter record. Values are printed as they are: never put a secret here. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/**
 * An error that a user can meet. The code decides what happens next (`CODES[code].action`) and stands in `docs/errors.md`;
 * the message says what was given, what is accepted and what to do.
 */
export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  readonly code: Code;
  readonly details: ErrorDetails;

  constructor(code: Code, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  /** What the supervisor does about it. */
  get action(): Action {
    return CODES[this.code].action;
  }
}

/** The plain form in which an error crosses a thread or process boundary. */
export interface ErrorRecord {
  readonly code: Code;
  readonly message: string;
  readonly details: ErrorDetails;
  readonly stack: string | null;
}

/** Any thrown value as a record; what is not a `MillraceError` becomes `INTERNAL`. */
export function toErrorRecord(thrown: unknown): ErrorRecord {
  if (thrown instanceof MillraceError) {
    return { code: thrown.code, message: thrown.message, details: thrown.details, stack: thrown.stack ?? null };
  }
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { code: 'INTERNAL', message: error.message, details: {}, stack: error.stack ?? null };
}

/** The inverse of `toErrorRecord`. */
export function fromErrorRecord(record: ErrorRecord): MillraceError {
  const error = new MillraceError(record.code, record.message, record.details);
  if (record.stack !== null) error.stack = record.stack;
  return error;
}
