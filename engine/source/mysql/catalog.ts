import type { Meaning, Meanings } from './binlog/ambiguity.ts';
import type { Session } from './connection.ts';

/** What the catalogue says of the columns of a table that the log leaves open. */
export interface CatalogColumns {
  /** In the table's order. */
  readonly names: readonly string[];
  readonly meanings: Meanings;
  readonly isSequence: boolean;
}

const COLUMNS = `
  SELECT c.COLUMN_NAME AS name, c.COLUMN_TYPE AS type, c.COLLATION_NAME AS collation, c.DATETIME_PRECISION AS digits,
         EXISTS (SELECT 1 FROM information_schema.TABLES t
                  WHERE t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME AND t.TABLE_TYPE = 'SEQUENCE') AS sequence,
         EXISTS (SELECT 1 FROM information_schema.CHECK_CONSTRAINTS k
                  WHERE k.CONSTRAINT_SCHEMA = c.TABLE_SCHEMA AND k.TABLE_NAME = c.TABLE_NAME
                    AND k.CHECK_CLAUSE = CONCAT('json_valid(\`', REPLACE(c.COLUMN_NAME, '\`', '\`\`'), '\`)')) AS checked
    FROM information_schema.COLUMNS c
   WHERE c.TABLE_SCHEMA = ? AND c.TABLE_NAME = ? ORDER BY c.ORDINAL_POSITION`;

/** MariaDB: reads what the columns of a table are; null when there is no such table, or the account has no privilege of it. */
export async function readCatalogColumns(session: Session, database: string, table: string): Promise<CatalogColumns | null> {
  const rows = await session.query(COLUMNS, [database, table]);
  if (rows.length === 0) return null;
  const meanings = new Map<string, Meaning>();
  for (const row of rows) {
    const meaning = meaningOf(row['type'] ?? '', row['collation'] ?? '', row['checked'] === '1') ?? digitsOf(row['digits']);
    if (meaning !== null) meanings.set(row['name'] ?? '', meaning);
  }
  return { names: rows.map((row) => row['name'] ?? ''), meanings, isSequence: rows[0]!['sequence'] === '1' };
}

function meaningOf(type: string, collation: string, isJson: boolean): Meaning | null {
  if (type === 'inet4' || type === 'inet6' || type === 'uuid') return type;
  if (type.startsWith('vector(')) return 'vector';
  return type === 'longtext' && collation === 'utf8mb4_bin' && isJson ? 'json' : null;
}

/** The digits of the fraction of any temporal type that has one: the log tells which are of before MySQL 5.6. */
function digitsOf(precision: string | null | undefined): number | null {
  const digits = Number(precision ?? 0);
  return digits === 0 ? null : digits;
}
