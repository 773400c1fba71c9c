import { sqlTokens, type SqlToken } from './sql-tokens.ts';

/** A table as a statement names it; `database` is null when it names none. */
export interface NamedTable {
  readonly database: string | null;
  readonly table: string;
}

/** What a statement of the log means for the transaction it stands in, and for tables. */
export type Statement =
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'xa-start' | 'xa-other' }
  | { readonly kind: 'savepoint' | 'rollback-to'; readonly savepoint: string }
  /** Changes rows of these tables without telling which; of any table when null. */
  | { readonly kind: 'rows'; readonly tables: readonly NamedTable[] | null }
  | { readonly kind: 'truncate'; readonly tables: readonly NamedTable[] }
  /** Everything else: definitions, grants ... */
  | { readonly kind: 'other' };

/** Words between the verb and the table of a statement. */
const MODIFIERS = new Set(['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'IGNORE', 'INTO', 'FROM', 'TABLE', 'IF', 'NOT', 'EXISTS']);

/** Reads what kind of statement `sql` is. */
export function readStatement(sql: string): Statement {
  const tokens = new Tokens(sql);
  switch (tokens.word()) {
    case 'BEGIN':
      return { kind: 'begin' };
    case 'START':
      return { kind: tokens.word() === 'TRANSACTION' ? 'begin' : 'other' };
    case 'COMMIT':
      return { kind: 'commit' };
    case 'ROLLBACK':
      return readRollback(tokens);
    case 'SAVEPOINT':
      return { kind: 'savepoint', savepoint: savepointName(tokens.next()) };
    case 'XA':
      return { kind: /^(START|BEGIN)$/.test(tokens.word()) ? 'xa-start' : 'xa-other' };
    case 'INSERT':
    case 'REPLACE':
      return { kind: 'rows', tables: [tokens.target()] };
    case 'UPDATE':
      return { kind: 'rows', tables: tokens.namesUntil('SET') };
    case 'DELETE':
      return { kind: 'rows', tables: tokens.namesUntil('WHERE') };
    case 'LOAD':
      return { kind: 'rows', tables: tokens.passTo('INTO') ? [tokens.target()] : null };
    case 'TRUNCATE':
      return { kind: 'truncate', tables: [tokens.target()] };
    case 'CREATE':
      return readCreate(tokens);
    // A stored function may change anything.
    case 'WITH':
    case 'SELECT':
    case 'DO':
    case 'CALL':
      return { kind: 'rows', tables: null };
    default:
      return { kind: 'other' };
  }
}

/** Whether a statement may have changed what is known of a table: it names the table, or its database as a whole. */
export function mayTouch(sql: string, defaultDatabase: string, database: string, table: string): boolean {
  const lower = table.toLowerCase();
  const lowerDatabase = database.toLowerCase();
  let namesTable = false;
  let namesDatabase = false;
  let isOfDatabases = false;
  for (const { kind, text } of sqlTokens(sql)) {
    const name = text.toLowerCase();
    if (kind === 'sign' && (text === '`' || text === '"' || text === "'")) return true;
    if (name === lower) namesTable = true;
    if (name === lowerDatabase) namesDatabase = true;
    if (kind === 'word' && (name === 'database' || name === 'schema')) isOfDatabases = true;
  }
  return namesTable || (isOfDatabases && (namesDatabase || defaultDatabase.toLowerCase() === lowerDatabase));
}

function readRollback(tokens: Tokens): Statement {
  let word = tokens.word();
  if (word === 'WORK') word = tokens.word();
  if (word !== 'TO') return { kind: 'rollback' };
  const next = tokens.next();
  const isKeyword = next?.kind === 'word' && next.text.toUpperCase() === 'SAVEPOINT';
  return { kind: 'rollback-to', savepoint: savepointName(isKeyword ? (tokens.next() ?? next) : next) };
}

/** Servers compare these names without case. */
function savepointName(token: SqlToken | null): string {
  return (token?.text ?? '').toLowerCase();
}

/** `CREATE TABLE ... SELECT` in statement format has rows that are in no event. */
function readCreate(tokens: Tokens): Statement {
  let word = tokens.word();
  while (word === 'OR' || word === 'REPLACE') word = tokens.word();
  if (word !== 'TABLE') return { kind: 'other' };
  const table = tokens.target();
  return tokens.passTo('SELECT') ? { kind: 'rows', tables: [table] } : { kind: 'other' };
}

class Tokens {
  private readonly tokens: Generator<SqlToken, void, undefined>;
  private ahead: SqlToken | null = null;

  constructor(sql: string) {
    this.tokens = sqlTokens(sql);
  }

  next(): SqlToken | null {
    const token = this.ahead ?? this.tokens.next().value ?? null;
    this.ahead = null;
    return token;
  }

  /** The next token in capitals when it is a word, else empty. */
  word(): string {
    const token = this.next();
    return token?.kind === 'word' ? token.text.toUpperCase() : '';
  }

  /** Goes on behind a word; false when it does not come. */
  passTo(word: string): boolean {
    for (let token = this.next(); token !== null; token = this.next()) {
      if (token.kind === 'word' && token.text.toUpperCase() === word) return true;
    }
    return false;
  }

  /** The table that the verb is about. */
  target(): NamedTable {
    let token = this.next();
    while (token?.kind === 'word' && MODIFIERS.has(token.text.toUpperCase())) token = this.next();
    return this.name(token);
  }

  /** Every name before a word, qualified or not; some of them are aliases. */
  namesUntil(word: string): NamedTable[] {
    const names: NamedTable[] = [];
    for (let token = this.next(); token !== null; token = this.next()) {
      const upper = token.kind === 'word' ? token.text.toUpperCase() : '';
      if (upper === word) break;
      if (MODIFIERS.has(upper)) continue;
      if (token.kind === 'word' || token.kind === 'quoted') names.push(this.name(token));
    }
    return names;
  }

  private name(first: SqlToken | null): NamedTable {
    const dot = this.next();
    if (dot?.kind !== 'sign' || dot.text !== '.') {
      this.ahead = dot;
      return { database: null, table: first?.text ?? '' };
    }
    return { database: first?.text ?? '', table: this.next()?.text ?? '' };
  }
}
