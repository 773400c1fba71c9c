/** A word, name or sign of a statement. */
export interface SqlToken {
  /** Without quotes. */
  readonly text: string;
  /** `word`: a keyword or a bare name; `quoted`: in backticks, or in double quotes, which depends on `sql_mode`; `string`, `sign`. */
  readonly kind: 'word' | 'quoted' | 'string' | 'sign';
}

const TOKEN = new RegExp(
  [
    /(?<space>\s+|--(?=\s|$)[^\n]*|#[^\n]*|\/\*M?!\d*|\*\/|\/\*[^]*?\*\/)/u,
    /(?<word>[\p{L}\p{N}_$]+)/u,
    /`(?<backtick>(?:[^`]|``)*)`/u,
    /"(?<double>(?:[^"\\]|\\[^]|"")*)"/u,
    /'(?<single>(?:[^'\\]|\\[^]|'')*)'/u,
    /(?<sign>[^])/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'uy',
);

const QUOTES = new Set(['`', '"', "'"]);
/** Quotes without an end after which a statement is looked at no further: each is looked for up to the statement's end. */
const ENDLESS_MAX = 100;

/**
 * Cuts a statement into tokens as it is asked for them. Comments are left out, but for what stands in executable ones
 * (those that begin with `/*!`).
 */
export function* sqlTokens(sql: string): Generator<SqlToken, void, undefined> {
  let endless = 0;
  for (let at = 0; at < sql.length;) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(sql)!.groups!;
    at = TOKEN.lastIndex;
    if (groups['space'] !== undefined) continue;
    if (groups['word'] !== undefined) yield { kind: 'word', text: groups['word'] };
    else if (groups['backtick'] !== undefined) yield { kind: 'quoted', text: groups['backtick'].replaceAll('``', '`') };
    else if (groups['double'] !== undefined) yield { kind: 'quoted', text: groups['double'].replaceAll('""', '"') };
    else if (groups['single'] !== undefined) yield { kind: 'string', text: groups['single'] };
    else {
      if (QUOTES.has(groups['sign']!) && ++endless > ENDLESS_MAX) return;
      yield { kind: 'sign', text: groups['sign']! };
    }
  }
}
