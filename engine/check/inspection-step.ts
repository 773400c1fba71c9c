import type { MillraceError } from '../base/errors.ts';
import { words } from '../base/remedy.ts';
import type { StreamedTable } from '../source/source.ts';
import type { SourceStep } from './step-names.ts';
import type { Steps } from './steps.ts';

/**
 * What `inspect` finds over a connection, null where there is none; closes it. What the server refuses fails the step that was due.
 * @param errorOf what a refusal means
 * @throws MillraceError what the configuration itself says wrong
 */
export async function inspectOver<S extends { close(): Promise<void> }>(
  session: S | null,
  inspect: (session: S) => Promise<readonly StreamedTable[] | null>,
  errorOf: (error: unknown, doing: string) => MillraceError,
  steps: Steps<SourceStep>,
): Promise<readonly StreamedTable[] | null> {
  if (session === null) return null;
  try {
    return await inspect(session);
  } catch (error) {
    const refused = errorOf(error, 'the database could not be looked at');
    if (refused.action === 'fix-config') throw refused;
    steps.failNext(refused.code, refused.message, [words('mend what the message names')]);
    return null;
  } finally {
    await session.close();
  }
}
