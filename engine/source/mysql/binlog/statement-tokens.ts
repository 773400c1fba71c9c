import { sqlTokens, type SqlToken } from './sql-tokens.ts';

/** A table as a statement names it; `database` is null when it names none. */
export interface NamedTable {
  readonly database: string | null;
  readonly table: string;
}

/** Words between the verb and the table of a statement: reserved ones alone, which no table has for a name without quotes. */
const MODIFIERS = new Set(['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'IGNORE', 'INTO', 'TABLE', 'IF', 'NOT', 'EXISTS']);
/** Such words in front of a table among references. */
const BEFORE_REFERENCES = new Set(['LOW_PRIORITY', 'IGNORE', 'OUTER']);

/** Reads a statement from its beginning. */
export class StatementTokens {
  private readonly tokens: Generator<SqlToken, void, undefined>;
  private ahead: SqlToken | null = null;

  constructor(sql: string) {
    this.tokens = sqlTokens(sql);
  }

  next(): SqlToken | null {
    const token = this.peek();
    this.ahead = null;
    return token;
  }

  /** The next token in capitals when it is a word, else empty. */
  word(): string {
    return wordOf(this.next());
  }

  /** As `word`, and stays in front of it. */
  peekWord(): string {
    return wordOf(this.peek());
  }

  /** Whether the next token is this sign. */
  peekIs(sign: string): boolean {
    return isSign(this.peek(), sign);
  }

  /** Goes on behind the next token when it is this sign. */
  passSign(sign: string): boolean {
    const isNext = this.peekIs(sign);
    if (isNext) this.next();
    return isNext;
  }

  /** Goes on behind a word; false when it does not come. */
  passTo(word: string): boolean {
    for (let token = this.next(); token !== null; token = this.next()) if (wordOf(token) === word) return true;
    return false;
  }

  /** Whether a query follows, in parentheses or not. */
  hasQuery(): boolean {
    for (let token = this.next(); token !== null; token = this.next()) {
      const word = wordOf(token);
      // VALUES alone stands in definitions of partitions too.
      if (word === 'SELECT' || word === 'TABLE' || (word === 'VALUES' && this.peekWord() === 'ROW')) return true;
    }
    return false;
  }

  /** The next of these words that stands in no parentheses; empty when none does. */
  outerWord(words: ReadonlySet<string>): string {
    for (let token = this.next(); token !== null; token = this.next()) {
      if (isSign(token, '(')) this.leaveParentheses();
      else if (words.has(wordOf(token))) return wordOf(token);
    }
    return '';
  }

  /** The table that the verb is about. */
  target(): NamedTable {
    let token = this.next();
    while (MODIFIERS.has(wordOf(token))) token = this.next();
    return this.name(token);
  }

  /** The tables that the verb is about, separated by commas. */
  targets(): NamedTable[] {
    const tables = [this.target()];
    while (this.passSign(',')) tables.push(this.target());
    return tables;
  }

  /**
   * The tables of references, such as joins, up to one of these words. What a subquery names is only read, and left out.
   * @returns the word that ended them, empty at the statement's end
   */
  references(ends: ReadonlySet<string>): { readonly tables: readonly NamedTable[]; readonly end: string } {
    const tables: NamedTable[] = [];
    let isDue = true;
    for (let token = this.next(); token !== null; token = this.next()) {
      const word = wordOf(token);
      if (ends.has(word)) return { tables, end: word };
      if (isSign(token, '(')) {
        // A join in parentheses goes on as one without.
        if (isDue && !this.isSubquery()) continue;
        this.leaveParentheses();
        isDue = false;
      } else if (isSign(token, ',') || word === 'JOIN' || word === 'STRAIGHT_JOIN') {
        isDue = true;
      } else if (isDue && token.kind !== 'sign' && !BEFORE_REFERENCES.has(word) && !(word === 'LATERAL' && this.peekIs('('))) {
        tables.push(this.name(token));
        isDue = false;
      }
    }
    return { tables, end: '' };
  }

  private isSubquery(): boolean {
    return ['SELECT', 'WITH', 'VALUES', 'TABLE'].includes(this.peekWord());
  }

  /** Goes on behind the parenthesis that is open. */
  private leaveParentheses(): void {
    for (let depth = 1; depth > 0;) {
      const token = this.next();
      if (token === null) return;
      if (isSign(token, '(')) depth += 1;
      if (isSign(token, ')')) depth -= 1;
    }
  }

  private name(first: SqlToken | null): NamedTable {
    if (!this.passSign('.')) return { database: null, table: first?.text ?? '' };
    return { database: first?.text ?? '', table: this.next()?.text ?? '' };
  }

  private peek(): SqlToken | null {
    this.ahead ??= this.tokens.next().value ?? null;
    return this.ahead;
  }
}

function wordOf(token: SqlToken | null): string {
  return token?.kind === 'word' ? token.text.toUpperCase() : '';
}

function isSign(token: SqlToken | null, sign: string): boolean {
  return token?.kind === 'sign' && token.text === sign;
}
