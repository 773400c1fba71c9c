import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { projectRoot } from './paths.ts';

/** What is made by a build or fetched, at any depth. */
const NOT_OURS = new Set(['node_modules', 'dist', 'build', '.cache', '.git']);

/** A text file of the project. */
export interface SourceFile {
  /** From the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** All files below `directory` (from the root) whose name matches, in order of their paths. */
export function sourceFiles(directory: string, name: RegExp): SourceFile[] {
  const found: SourceFile[] = [];
  for (const entry of readdirSync(join(projectRoot, directory), { withFileTypes: true })) {
    const path = directory === '.' ? entry.name : `${directory}/${entry.name}`;
    if (entry.isDirectory() && !NOT_OURS.has(entry.name)) found.push(...sourceFiles(path, name));
    else if (entry.isFile() && name.test(entry.name)) found.push({ path, text: readFileSync(join(projectRoot, path), 'utf8') });
  }
  return found.toSorted((a, b) => a.path.localeCompare(b.path));
}

/** Paths, from the root, of the project's own files that a TypeScript file imports or starts as a worker, a fixture or a process. */
export function importsOf(file: SourceFile): string[] {
  const specifiers = file.text.matchAll(/(?:\bfrom|\bimport\(?|new URL\()\s*'(\.[^']+)'/g);
  return [...specifiers].map((match) => normalize(join(dirname(file.path), match[1] ?? '')).replace(/\.js$/, '.ts'));
}
