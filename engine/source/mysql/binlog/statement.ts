import { sqlTokens, type SqlToken } from './sql-tokens.ts';
import { StatementTokens, type NamedTable } from './statement-tokens.ts';

/** What a statement of the log means for the transaction it stands in, and for tables. */
export type Statement =
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'xa-start' | 'xa-other' }
  | { readonly kind: 'savepoint' | 'rollback-to'; readonly savepoint: string }
  /** Changes rows of these tables without telling which; of any table when null. */
  | { readonly kind: 'rows'; readonly tables: readonly NamedTable[] | null }
  | { readonly kind: 'truncate'; readonly tables: readonly NamedTable[] }
  /** Tables that a session alone sees come and go. */
  | { readonly kind: 'create-temporary' | 'drop-temporary'; readonly tables: readonly NamedTable[] }
  | { readonly kind: 'rename'; readonly renames: readonly Rename[] }
  /** Everything else: definitions, grants ... */
  | { readonly kind: 'other' };

export interface Rename {
  readonly from: NamedTable;
  readonly to: NamedTable;
}

const VERBS_BEHIND_WITH: ReadonlySet<string> = new Set(['SELECT', 'UPDATE', 'DELETE']);
/** Where the tables of an UPDATE end, the first list of a DELETE, and its second one. */
const SET: ReadonlySet<string> = new Set(['SET']);
const USING_OR_WHERE: ReadonlySet<string> = new Set(['USING', 'WHERE', 'ORDER', 'LIMIT', 'RETURNING']);
const WHERE: ReadonlySet<string> = new Set(['WHERE', 'ORDER', 'LIMIT', 'RETURNING']);
/** Behind RENAME in an ALTER TABLE: what is renamed is no table. */
const PARTS_OF_TABLES: ReadonlySet<string> = new Set(['COLUMN', 'INDEX', 'KEY']);

/** Reads what kind of statement `sql` is. */
export function readStatement(sql: string): Statement {
  const tokens = new StatementTokens(sql);
  const verb = tokens.word();
  switch (verb) {
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
    case 'DELETE':
      return { kind: 'rows', tables: changedTables(verb, tokens) };
    case 'WITH':
      return { kind: 'rows', tables: changedTables(tokens.outerWord(VERBS_BEHIND_WITH), tokens) };
    case 'LOAD':
      return { kind: 'rows', tables: tokens.passTo('INTO') ? [tokens.target()] : null };
    case 'TRUNCATE':
      return { kind: 'truncate', tables: [tokens.target()] };
    case 'CREATE':
      return readCreate(tokens);
    case 'DROP':
      return tokens.word() === 'TEMPORARY' && tokens.word() === 'TABLE'
        ? { kind: 'drop-temporary', tables: tokens.targets() }
        : { kind: 'other' };
    case 'ALTER':
      return readAlter(tokens);
    case 'RENAME':
      return tokens.word() === 'TABLE' ? { kind: 'rename', renames: readRenames(tokens) } : { kind: 'other' };
    // A stored function may change anything.
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

function readRollback(tokens: StatementTokens): Statement {
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

/** The tables of which an UPDATE or a DELETE may change rows; null for what is neither, and where none was found. */
function changedTables(verb: string, tokens: StatementTokens): readonly NamedTable[] | null {
  const tables = referredTables(verb, tokens);
  return tables?.length === 0 ? null : tables;
}

function referredTables(verb: string, tokens: StatementTokens): readonly NamedTable[] | null {
  if (verb === 'UPDATE') return tokens.references(SET).tables;
  if (verb !== 'DELETE') return null;
  // DELETE FROM t ..., DELETE FROM aliases USING tables, DELETE aliases FROM tables.
  while (['LOW_PRIORITY', 'QUICK', 'IGNORE'].includes(tokens.peekWord())) tokens.word();
  const isSingle = tokens.peekWord() === 'FROM';
  if (!tokens.passTo('FROM')) return null;
  const { tables, end } = tokens.references(isSingle ? USING_OR_WHERE : WHERE);
  return end === 'USING' ? tokens.references(WHERE).tables : tables;
}

/** `CREATE TABLE ... SELECT` and the like in statement format has rows that are in no event. */
function readCreate(tokens: StatementTokens): Statement {
  let word = tokens.word();
  while (word === 'OR' || word === 'REPLACE') word = tokens.word();
  if (word === 'TEMPORARY') return tokens.word() === 'TABLE' ? { kind: 'create-temporary', tables: [tokens.target()] } : { kind: 'other' };
  if (word !== 'TABLE') return { kind: 'other' };
  const table = tokens.target();
  return tokens.hasQuery() ? { kind: 'rows', tables: [table] } : { kind: 'other' };
}

/** `ALTER TABLE a ... RENAME TO b`. */
function readAlter(tokens: StatementTokens): Statement {
  if (!tokens.passTo('TABLE')) return { kind: 'other' };
  const from = tokens.target();
  while (tokens.passTo('RENAME')) {
    if (PARTS_OF_TABLES.has(tokens.peekWord())) continue;
    return { kind: 'rename', renames: [{ from, to: readNewName(tokens) }] };
  }
  return { kind: 'other' };
}

/** `a TO b, c TO d`, behind RENAME TABLE. */
function readRenames(tokens: StatementTokens): Rename[] {
  const renames: Rename[] = [];
  do {
    const from = tokens.target();
    renames.push({ from, to: readNewName(tokens) });
  } while (tokens.passSign(','));
  return renames;
}

function readNewName(tokens: StatementTokens): NamedTable {
  if (['TO', 'AS'].includes(tokens.peekWord()) || tokens.peekIs('=')) tokens.next();
  return tokens.target();
}
