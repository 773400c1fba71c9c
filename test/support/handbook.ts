import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './paths.ts';

/** The first block of code in one language under a heading of a document. Throws when there is none. */
export function blockOf(heading: string, language: 'sh' | 'sql', document = 'docs/operations.md'): string {
  const text = readFileSync(join(projectRoot, document), 'utf8');
  const section = text.split(/^#{2,3} /m).find((part) => part.startsWith(`${heading}\n`));
  const block = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'm').exec(section ?? '')?.[1];
  if (block === undefined) throw new Error(`${document} has no ${language} under ${heading}`);
  return block;
}
