import { MillraceError } from './errors.ts';

/**
 * Throws an `INTERNAL` error when a condition that the code relies on does not hold. `message` must be a constant: a template costs 20 ns a
 * call.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) fail(message);
}

/** The branch of a closed `switch` that cannot be reached; the compiler checks that it cannot. */
export function unreachable(value: never): never {
  fail(`unreachable: ${String(value)}`);
}

function fail(message: string): never {
  throw new MillraceError('INTERNAL', message);
}
