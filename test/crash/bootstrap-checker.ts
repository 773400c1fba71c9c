/** What a message says, as far as a bootstrap is concerned. */
export interface ToldMessage {
  readonly type: string;
  readonly comment?: string;
}

const START = 'bootstrap-start';
const ROW = 'bootstrap-insert';
const COMPLETE = 'bootstrap-complete';

/**
 * Holds the messages of one read with Maxwell's types, in the order of partition 0, against what must hold through every kill. That its
 * rows are all there, and none of them stale, is for whoever holds them against the table: behind the first end no row comes any more.
 *
 *   start       the first mark is a start, at least one, before every row; others may come again until the first row that is recorded
 *   complete    at least one, behind every row and every start; nothing but another one follows
 *   comment     each of them has the order's
 *
 * @param comment of the order
 */
export function checkBootstrap(messages: readonly ToldMessage[], comment: string): string[] {
  const problems: string[] = [];
  const told = messages.filter(({ type }) => type.startsWith('bootstrap-'));
  const complete = told.findIndex(({ type }) => type === COMPLETE);
  if (told[0]?.type !== START) problems.push(`start: the first message of the read is ${told[0]?.type ?? 'none'}`);
  if (!told.some(({ type }) => type === ROW)) problems.push('rows: there is none');
  if (complete === -1) problems.push('complete: there is none');
  const late = complete === -1 ? [] : told.slice(complete).filter(({ type }) => type !== COMPLETE);
  for (const { type } of late.slice(0, 5)) problems.push(`complete: a ${type} behind it, one of ${late.length} messages`);
  const others = told.filter((message) => message.comment !== comment);
  for (const { type } of others.slice(0, 5)) problems.push(`comment: a ${type} without it, one of ${others.length} messages`);
  return problems;
}
