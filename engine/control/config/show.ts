import { redactPatterns } from '../redact.ts';
import { isSecretProperty } from './kafka-properties.ts';

/** What stands in place of a value that may be a secret. */
export const NOT_SHOWN = 'a value that is not shown';

/** A value that speaks of a password has most likely swallowed one, as a missing line end or quote makes it. */
export function show(value: string): string {
  if (value === '') return 'nothing';
  if (isSecretProperty(value)) return NOT_SHOWN;
  return redactPatterns(JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}...` : value));
}
