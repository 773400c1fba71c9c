/** How a run of one test ended. Only `failed` and `crashed` say that it noticed something. */
export type TestEnd =
  | { readonly kind: 'passed' | 'failed' }
  /** A signal ended its process, before there was a result. */
  | { readonly kind: 'crashed' }
  | { readonly kind: 'skipped'; readonly reason: string }
  /** No test of that name ran: it was renamed, or its file cannot be loaded. */
  | { readonly kind: 'absent' };

/**
 * Finds a test in what the TAP reporter wrote.
 * @param name the test's name or a part of it; all tests whose names contain it count as one
 */
export function readTap(output: string, name: string): TestEnd {
  let end: TestEnd = { kind: 'absent' };
  for (const [, not, text = ''] of output.matchAll(/^ *(not )?ok \d+ - (.*)$/gm)) {
    const [title, directive] = splitDirective(text);
    if (!title.includes(name)) continue;
    if (not !== undefined) return { kind: 'failed' };
    if (directive === undefined) end = { kind: 'passed' };
    else if (end.kind === 'absent') end = { kind: 'skipped', reason: directive };
  }
  return end.kind === 'absent' && /^ *signal: '?SIG/m.test(output) ? { kind: 'crashed' } : end;
}

/** The name as it was given, and the reason of a skip. */
function splitDirective(text: string): [string, string?] {
  const at = text.indexOf(' # SKIP');
  const title = (at < 0 ? text : text.slice(0, at)).replaceAll('\\#', '#').replaceAll('\\\\', '\\');
  return at < 0 ? [title] : [title, text.slice(at + ' # SKIP'.length).trim()];
}

/** A pattern for `--test-name-pattern` that takes `name` literally. */
export function literalPattern(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
