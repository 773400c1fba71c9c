import { DEAD_LETTER_REASONS } from '../change/dead-letter.ts';
import { MillraceError, toErrorRecord, type ErrorRecord } from '../base/errors.ts';
import type { LetterTotals } from './messages.ts';

/** Both together. */
export function addLetters(one: LetterTotals, other: LetterTotals): LetterTotals {
  const sums = DEAD_LETTER_REASONS.map((reason) => [reason, (one[reason] ?? 0) + (other[reason] ?? 0)] as const);
  return Object.fromEntries(sums.filter(([, count]) => count > 0));
}

/** What to tell of dead letters that came since the statistics before; null where none did. */
export function deadLetterNews(before: LetterTotals, now: LetterTotals): ErrorRecord | null {
  const added = DEAD_LETTER_REASONS.map((reason) => [reason, (now[reason] ?? 0) - (before[reason] ?? 0)] as const);
  const counts = added.filter(([, count]) => count > 0);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  const reasons = counts.map(([reason, count]) => `${reason} ${count}`).join(', ');
  const message = `${total} ${total === 1 ? 'row' : 'rows'} went to the dead-letter topic (${reasons}): consumers do not have them`;
  return toErrorRecord(new MillraceError('DEAD_LETTERS', message, Object.fromEntries(counts)));
}
