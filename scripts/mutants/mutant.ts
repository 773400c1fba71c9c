/** A deliberate defect: a patch that breaks one rule, and the test that has to notice. */
export interface Mutant {
  /** Name of its file, without `.patch`. */
  readonly id: string;
  /** What is broken, in words. */
  readonly rule: string;
  /** The emitted test file, from the project's root. */
  readonly test: string;
  /** The test's name, or a part that only this test's name has. */
  readonly name: string;
  /** Files that the patch changes, from the project's root. */
  readonly files: readonly string[];
}

/**
 * Reads a patch file: headers (`Rule:`, `Test:`, `Name:`), then a unified diff.
 * @param id what errors call it
 * @throws Error that names what is missing
 */
export function parseMutant(id: string, text: string): Mutant {
  const files = [...text.matchAll(/^\+\+\+ b\/(.+)$/gm)].map((match) => match[1] ?? '');
  if (files.length === 0) throw new Error(`${id}: the patch has no line "+++ b/<file>"`);
  return { id, rule: header(id, text, 'Rule'), test: header(id, text, 'Test'), name: header(id, text, 'Name'), files };
}

function header(id: string, text: string, field: string): string {
  const head = text.slice(0, text.search(/^--- /m));
  const value = new RegExp(`^${field}: (.+)$`, 'm').exec(head)?.[1]?.trim();
  if (value === undefined) throw new Error(`${id}: no line "${field}: ..." stands before the diff`);
  return value;
}

/** Whether the addon has to be compiled for it. */
export function changesAddon(mutant: Mutant): boolean {
  return mutant.files.some((file) => file.startsWith('native-bridge/src/'));
}
