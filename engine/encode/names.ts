/** How names of fields and columns are written. */
export type NamingStrategy = 'none' | 'underscore_to_camelcase';

/** What a field or column is called under a strategy. */
export function namerOf(strategy: NamingStrategy): (name: string) => string {
  return strategy === 'none' ? (name) => name : camelCase;
}

/**
 * As Maxwell does: underscores in front and at the end go, the letter after another one becomes a capital, all else stays. A name of
 * nothing but underscores stays too.
 */
function camelCase(name: string): string {
  const bare = name.replace(/^_+|_+$/g, '');
  return bare === '' ? name : bare.replace(/_+(.)/g, (_, letter: string) => capital(letter));
}

/** One letter stays one: no `SS` for `ß`. */
function capital(letter: string): string {
  const upper = letter.toUpperCase();
  return upper.length === 1 ? upper : letter;
}
