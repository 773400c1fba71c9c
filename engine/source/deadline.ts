import { MillraceError } from '../base/errors.ts';

/**
 * The result of `work`, or `CONNECTION_LOST` after so many milliseconds: a connection that was cut without a word never answers,
 * and no query of ours takes so long. What `work` comes to after that is nobody's business.
 */
export async function withDeadline<T>(work: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MillraceError('CONNECTION_LOST', `${what}: no answer for ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
