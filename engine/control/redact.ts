/** What stands in the place of a secret. */
export const REDACTED = '***';

/** Secrets shorter than this are hidden only where a pattern shows them: replacing every `a` would leave no log to read. */
const KNOWN_LENGTH_MIN = 4;
/** Lines of a many-line secret (a PEM key) from this length on are secrets of their own: loggers split lines. */
const LINE_LENGTH_MIN = 16;

const NAME = String.raw`[\w.-]*(?:password|passwd|passphrase|secret|jaas)[\w.-]*`;
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@ up to the last @ of the word, because an unencoded password may hold one. The word `password` is our own help.
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:@/"'?#]*:)(?!password@)[^\s"']*@/gi, `$1${REDACTED}@`],
  // password=..., sasl.password = "..."
  [new RegExp(String.raw`(${NAME}\s*=\s*)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.|'')*'|[^\s&,;"']+)`, 'gi'), `$1${REDACTED}`],
  // "sasl.password": "..."
  [new RegExp(String.raw`("${NAME}"\s*:\s*)"(?:[^"\\]|\\.)*"`, 'gi'), `$1"${REDACTED}"`],
];

/** Hides what looks like a secret: passwords in URLs, and values of names that are called like one. */
export function redactPatterns(text: string): string {
  return PATTERNS.reduce((redacted, [pattern, replacement]) => redacted.replace(pattern, replacement), text);
}

/** Makes a function that hides known secrets, however they are written (plain, percent-encoded, inside JSON), and what looks like one. */
export function createRedactor(secrets: Iterable<string>): (text: string) => string {
  const spellings = new Set<string>();
  for (const secret of secrets) addSpellings(secret, spellings);
  if (spellings.size === 0) return redactPatterns;
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  const known = new RegExp(longestFirst.map(escapeRegExp).join('|'), 'g');
  return (text) => redactPatterns(text.replace(known, REDACTED));
}

function addSpellings(secret: string, spellings: Set<string>): void {
  const plain = [secret, decoded(secret), ...secret.split(/\r?\n/).filter((line) => line.length >= LINE_LENGTH_MIN)];
  for (const text of plain) {
    for (const spelling of [
      text,
      text.trim(),
      encodeURIComponent(toWellFormed(text)),
      encodeURI(toWellFormed(text)),
      inJson(text),
      inJson(inJson(text)),
    ]) {
      if (spelling.length >= KNOWN_LENGTH_MIN) spellings.add(spelling);
    }
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A lone surrogate cannot be percent-encoded; it cannot come out of an environment either. */
function toWellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
