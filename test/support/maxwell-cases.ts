import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './paths.ts';

/** A case of Maxwell's own tests: all statements run first, then every message must be among those that came. */
export interface MaxwellCase {
  readonly statements: readonly string[];
  readonly messages: readonly Readonly<Record<string, unknown>>[];
}

/** Reads `test/vectors/maxwell/json/NAME`; its README says how such a file is read. */
export function maxwellCase(name: string): MaxwellCase {
  const items: { readonly isMessage: boolean; text: string }[] = [];
  for (const line of readFileSync(join(projectRoot, 'test/vectors/maxwell/json', name), 'utf8').split('\n')) {
    if (line.trim() === '') continue;
    const message = /^\s*->\s*(\{.*)/.exec(line)?.[1];
    if (message !== undefined) items.push({ isMessage: true, text: message });
    else if (/^\s/.test(line)) items.at(-1)!.text += ` ${line.trim()}`;
    else items.push({ isMessage: false, text: line });
  }
  return {
    statements: items.filter(({ isMessage }) => !isMessage).map(({ text }) => text),
    messages: items.filter(({ isMessage }) => isMessage).map(({ text }) => JSON.parse(quoteNames(text)) as Record<string, unknown>),
  };
}

/** Quotes field names that have no quotes; strings stay as they are. */
function quoteNames(text: string): string {
  return text.replace(
    /("(?:[^"\\]|\\.)*")|([A-Za-z_][\w-]*)(?=\s*:)/g,
    (_, string: string | undefined, name: string) => string ?? `"${name}"`,
  );
}
